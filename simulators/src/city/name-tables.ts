import type { Weighted } from './seeded-draw.ts'

type Table = readonly [Weighted<string>, ...Weighted<string>[]]
type Characters = readonly [string, ...string[]]

function characters(text: string): Characters {
  const [first = '', ...rest] = text
  return [first, ...rest]
}

/** How often a surname comes among ten thousand people, roughly as the censuses count them; the tail is cut. */
export const SURNAMES: Table = [
  { value: '王', weight: 725 },
  { value: '李', weight: 719 },
  { value: '张', weight: 683 },
  { value: '刘', weight: 538 },
  { value: '陈', weight: 453 },
  { value: '杨', weight: 308 },
  { value: '赵', weight: 229 },
  { value: '黄', weight: 223 },
  { value: '周', weight: 212 },
  { value: '吴', weight: 205 },
  { value: '徐', weight: 167 },
  { value: '孙', weight: 154 },
  { value: '胡', weight: 131 },
  { value: '朱', weight: 126 },
  { value: '高', weight: 121 },
  { value: '林', weight: 118 },
  { value: '何', weight: 117 },
  { value: '郭', weight: 115 },
  { value: '马', weight: 105 },
  { value: '罗', weight: 86 },
  { value: '梁', weight: 84 },
  { value: '宋', weight: 81 },
  { value: '郑', weight: 78 },
  { value: '谢', weight: 72 },
  { value: '韩', weight: 68 },
  { value: '唐', weight: 65 },
  { value: '冯', weight: 64 },
  { value: '于', weight: 62 },
  { value: '董', weight: 61 },
  { value: '萧', weight: 59 },
  { value: '程', weight: 57 },
  { value: '曹', weight: 57 },
  { value: '袁', weight: 54 },
  { value: '邓', weight: 54 },
  { value: '许', weight: 54 },
  { value: '傅', weight: 51 },
  { value: '沈', weight: 50 },
  { value: '曾', weight: 50 },
  { value: '彭', weight: 49 },
  { value: '吕', weight: 47 },
  { value: '苏', weight: 47 },
  { value: '卢', weight: 47 },
  { value: '蒋', weight: 47 },
  { value: '蔡', weight: 46 },
  { value: '束', weight: 12 },
  { value: '欧阳', weight: 7 },
  { value: '上官', weight: 2 },
  { value: '司马', weight: 2 },
  { value: '诸葛', weight: 2 },
  { value: '夏侯', weight: 2 },
  { value: '皇甫', weight: 1 },
  { value: '令狐', weight: 1 },
  { value: '尉迟', weight: 1 },
]

/** One given name in six has a single character. */
export const SINGLE_GIVEN_NAME_IN = 6

export const GIVEN_CHARACTERS = {
  male: characters('伟强磊军勇杰涛明超刚平辉鹏华飞斌波宇浩凯健俊帆旭宁龙林志建国文武荣贵松柏海洋山峰远安康'),
  female: characters('芳娜敏静丽艳娟霞秀燕玲桂英华梅兰凤洁琳雪慧婷莹颖倩琴云莲真环香月爱春菊萍红玉珍怡欣佳'),
} as const

/** Second halves of enterprises' names; the first half is made of two of these characters. */
export const ENTERPRISE_CHARACTERS = characters('恒信鑫源盛达瑞丰华泰永兴宏远德茂祥和润昌')
export const ENTERPRISE_TRADES = ['农产品', '茶业', '建材', '电子', '服饰', '食品', '物流', '商贸'] as const
