# 会员卡页面的中文文本：会员看到的内容。键与 card.en.ftl 相同，由测试保证。

## Card: frame
card-tab-card = 会员卡
card-tab-points = 积分
card-tab-rewards = 兑换
card-tab-history = 明细
card-settings = 设置
card-home = 回到会员卡
card-back = 返回
card-nameless = 亲爱的会员

## Card: sign-in
card-sign-in = 我的会员卡
card-sign-in-hint = 请输入会员卡号、手机号或邮箱，我们会给您发送验证码。
card-identifier = 卡号、手机号或邮箱
card-identifier-invalid = 这不是卡号、手机号或邮箱，请检查是否输错。
card-send-code = 发送验证码
card-codes-throttled = 获取验证码次数过多，请一小时后再试。
card-not-set-up = 尚未开通登录
card-not-set-up-hint = 此服务器还不能向会员发送验证码，请联系运营方开通。
card-code-title = 输入验证码
card-code-hint = 如果您输入的信息属于某位会员，验证码已经发出。验证码 { $value } 分钟内有效，只能在此浏览器使用。
card-code = { $value } 位验证码
card-code-tries = 可尝试 { $value } 次，之后需要重新获取。
card-code-wrong = 验证码不正确或已失效。
card-code-again = 重新获取验证码
card-tries-throttled = 验证码错误次数过多，请一小时后再试。
card-enter = 登录

## Card: the card
card-number = 卡号
card-since = { $value }入会
card-qr = 卡号 { $value } 的二维码
card-no-number = 还没有卡号。结账时报手机号或邮箱也可以。
card-closed = 此账户已关闭，不再累积或使用积分。
card-points = { $amount } { $unit }
card-balance = 余额
card-balance-none = 还没有积分，第一次消费后就会出现。
card-pending = 另有 { $value } 待生效
card-pending-from = 另有 { $points } 自{ $day }起可用
card-pending-first = 另有 { $points } 待生效，其中 { $first } 自{ $day }起可用
card-held = 冻结 { $value }
card-debt = 欠 { $value }
card-expire = { $points }将于{ $day }到期
card-today = 今天
card-tomorrow = 明天
card-weekday-monday = 周一
card-weekday-tuesday = 周二
card-weekday-wednesday = 周三
card-weekday-thursday = 周四
card-weekday-friday = 周五
card-weekday-saturday = 周六
card-weekday-sunday = 周日
card-progress-spend = 再消费 { $amount } 即可升级为{ $tier }
card-progress-spend-by = 截至{ $day }再消费 { $amount } 即可升级为{ $tier }
card-progress-earn = 再获得 { $amount }即可升级为{ $tier }
card-progress-earn-by = 截至{ $day }再获得 { $amount }即可升级为{ $tier }
card-progress-visits = 再到店 { $amount } 次即可升级为{ $tier }
card-progress-visits-by = 截至{ $day }再到店 { $amount } 次即可升级为{ $tier }
card-progress-nights = 再入住 { $amount } 晚即可升级为{ $tier }
card-progress-nights-by = 截至{ $day }再入住 { $amount } 晚即可升级为{ $tier }
card-so-far = 已累计 { $amount }，共需 { $threshold }
card-highest-tier = 您已是最高等级。
card-tier-kept = 将于 { $value } 复评
card-latest = 最近动态
card-all-history = 全部明细
card-all-points = 到期明细

## Card: points
card-points-title = 我的积分
card-points-hint = 先到期的积分先使用。
card-points-empty = 暂无积分
card-points-empty-hint = 下次消费后会出现在这里，每一笔都标明最后有效日。
card-good-through = 有效至{ $value }
card-never-expire = 永久有效
card-soon = 即将到期
card-earned-on = { $value } 获得
card-spendable-from = { $value }起可用
card-where-from = 来源明细
card-holds = 冻结中
card-hold = { $points }，保留至 { $until }

## Card: rewards
card-rewards-title = 兑换
card-rewards-mine = 我的兑换
card-rewards-catalogue = 奖励目录
card-rewards-empty = 暂无奖励
card-rewards-empty-hint = 目前没有可兑换的奖励。
card-you-have = 可用 { $value }
card-points-and-money = { $points } + { $money }
card-instead-of = 您的专享价，原价 { $value }
card-few-left = 仅剩 { $value } 件
card-offered-until = { $value } 截止
card-why-points = 还差 { $value }
card-why-tiers = { $value }专享
card-why-others = 仅限部分会员
card-why-from = { $value } 开始兑换
card-why-until = 已于 { $value } 结束
card-why-limit = { $value }可兑换的数量已用完
card-why-stock = 已兑完
card-why-changed = 价格刚刚有变化，请确认后再兑换。
card-period-day = 每天
card-period-month = 每月
card-period-lifetime = 每位会员
card-list-separator = 、
card-choose = 兑换
card-choose-name = 兑换：{ $value }
card-confirm-title = 确认兑换？
card-price = 价格
card-left-after = 兑换后剩余
card-confirm-hint = 积分将立即扣除。领取之前可以取消。
card-confirm = 用 { $value } 兑换
card-redeemed = 兑换成功。领取时请出示会员卡。
card-redemptions-empty = 还没有兑换记录
card-redemptions-empty-hint = 兑换的奖励会在这里等您领取。
card-redemption-number = 第 { $value } 号
card-redemption-when = 兑换时间
card-redemption-state = 状态
card-state-requested = 待领取
card-state-fulfilled = 已领取
card-state-cancelled = 已取消
card-cancel = 取消兑换
card-cancel-hint = 积分退回原批次，有效期不变。
card-cancelled = 已取消，积分已退回。
card-older = 更早

## Card: history
card-history-title = 积分明细
card-history-empty = 还没有任何记录
card-history-newest = 最新
card-bought = { $amount } · { $count } 件
card-bought-at = { $amount } · { $count } 件 · { $place }
card-paid-with = 用 { $value }抵扣
card-return-of = 对应消费 { $value }
card-reward-times = { $reward } × { $quantity }
card-award = { $rule } { $points }
card-why-entry = 原因：{ $value }
