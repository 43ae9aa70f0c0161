# 控制台的中文文本。键与 en.ftl 相同，由测试保证。

## Frame
skip-to-content = 跳到正文
navigation = 主导航
language-other = English
language-other-tag = en
theme = 颜色主题
theme-light = 浅色
theme-dark = 深色
theme-system = 跟随系统
sign-out = 退出
all-times-in = 所有时间均为 { $value } 时间
nav-overview = 总览
nav-members = 会员
nav-adjustments = 积分调整
nav-programme = 计划
nav-imports = 导入
nav-parked = 待匹配退货
nav-people = 人员
pages = 翻页
first-page = 第一页
next-page = 下一页
download-csv = 下载 CSV
any = 不限
any-time = 不限时间
apply = 应用
search = 搜索
clear = 清除筛选
command-import = perennial import purchases 文件 --map MAP.toml
command-new-programme = perennial new-programme 计划.toml
never = 从未
period-of = { $from } 至 { $until }
days-ago = { $count ->
    [0] 今天
    [1] 昨天
   *[other] { $shown } 天前
 }
days-ahead = { $count ->
    [0] 今天
    [1] 明天
   *[other] { $shown } 天后
 }

## Sign-in and set-up
sign-in = 登录
sign-in-hint = 会员忠诚计划的控制台。
user-name = 用户名
password = 密码
new-password = 新密码
password-hint = 至少 { $shown } 个字符。一句话比一串符号好记。
sign-in-failed = 用户名与密码不匹配。
sign-in-throttled = 失败次数过多，请 15 分钟后再试。
form-stale = 此表单打开太久或在其他窗口中打开过，请重新提交。
set-up = 创建账号
set-up-hint = 此链接只能使用一次。请设置登录用的用户名和密码。
set-up-create = 创建账号
set-up-used = 此链接已使用或已过期，请索取新的链接。
user-name-taken = 此用户名已被占用，请换一个。
user-name-invalid = 请使用 2 至 40 个字母、数字、点、连字符或下划线。
password-too-short = 密码太短。

## Problems
back-to-overview = 返回总览
problem-not-found = 这里没有内容
problem-not-found-detail = 地址有误，或所指的内容已不存在。
problem-forbidden = 您没有此权限
problem-forbidden-detail = 您的角色不包含此操作，请联系经理。
problem-busy = 系统繁忙
problem-busy-detail = 平台未能及时响应，没有任何改动。请稍后再试。
problem-internal = 出错了
problem-internal-detail = 原因已记入服务器日志，没有任何改动。
problem-changed = 内容已变更
problem-changed-detail = 在您查看之后，有人修改了内容。请重新查看后再修改。
problem-refused = 无法执行
refusal-approval-needed = 超出单人可调整的上限，需要第二人批准。
refusal-approver-is-requester = 这笔调整由您本人申请，须由第二人批准。
refusal-insufficient-points = 会员的可用积分不足。
refusal-account-closed = 此账户已关闭，不能累积也不能使用积分。
refusal-unit-unknown = 计划中没有此积分单位。
refusal-amount-too-large = 数值过大。
refusal-no-programme-in-force = 尚无生效的计划，请先发布。

## Overview
period = 时段
from = 从
until = 至
compare = 与上一时段比较
compared-with = 对比 { $value }
previously = 上期：{ $value }
preset-30 = 30 天
preset-90 = 90 天
preset-365 = 12 个月
preset-all = 全部
period-invalid = 时段的结束必须晚于开始。
overview-empty = 还没有消费记录
overview-empty-hint = 收银台通过 API 上报消费，或导入历史数据后，这里就会出现数字。
tile-members = 会员数
tile-members-note = 期内入会 { $value } 人
tile-active = 活跃会员
tile-active-note = 期内有消费
tile-earned = 发放
tile-earned-note = 期内发放的{ $value }
tile-burned = 使用
tile-burned-note = 期内使用的{ $value }
tile-outstanding = 未使用
tile-outstanding-note = 期末可用；另有 { $value } 待生效
tile-expiring = 即将过期
tile-expiring-note = 今后 30 天内
tile-expired = 过期
tile-expired-note = 期内失效
tile-purchases = 消费次数
tile-purchases-note = 期内的小票数
change-none = 持平
chart-points = 发放、使用与过期
chart-tiers = 各等级会员数
chart-empty = 此时段没有可绘制的数据。
chart-points-unit = 每{ $step }{ $value }
chart-tiers-unit = 每{ $step }末的会员数
step-day = 日
step-month = 月
chart-points-description = 折线图。期内发放 { $earned }，使用 { $burned }，过期 { $expired }。发放最多的是{ $peak }：{ $peak_value }。全部数值见下表。
chart-tiers-description = 各等级会员数的堆积面积图。期末：{ $mix }。全部数值见下表。
source-ledger = 来源：账本
show-table = 以表格显示
day = 日期
month = 月份
earned = 发放
burned = 使用
expired = 过期

## Members
members-hint = 可按姓名、拼音、卡号、手机、邮箱或外部编号搜索。
members-search = 搜索会员
members-search-example = zhangwei、张伟、+86138…
members-count = { $count ->
    [0] 没有会员
   *[other] 共 { $shown } 位会员
 }
members-none-found = 没有符合条件的会员
members-none-found-hint = 请减少字数、只输入号码开头，或去掉筛选条件。
members-empty = 还没有会员
members-empty-hint = 通过 API 入会或导入消费记录后，会员会出现在这里。
tier = 等级
status = 状态
status-active = 正常
status-closed = 已关闭
last-purchase = 最近消费
points-min = 积分不少于
within-30 = 30 天内
within-90 = 90 天内
over-90 = 90 天以前
over-365 = 一年以前
member = 会员
points = 积分
spend = 消费额
purchases = 消费次数
enrolled = 入会
pending-points = 另有 { $value } 待生效
nameless = 未留姓名
number-invalid = “{ $value }”不是整数。

## A member
member-since = { $value }入会
balances = 余额
no-balance = 还没有积分。
available = 可用
pending = 待生效
debt = 欠回
earned-ever = 累计获得
redeemed-ever = 累计使用
expired-ever = 累计过期
progress-to = 再有{ $amount }即升为{ $tier }
progress-to-by = { $day }前再有{ $amount }即升为{ $tier }
progress-so-far = 已计入 { $amount }，共需 { $threshold }
highest-tier = 已是最高等级。
tier-kept-until = { $value }评定
progress-points = { $amount } { $unit }
progress-visits = { $value } 次到店
progress-nights = { $value } 晚
progress-spend = { $value } 消费
profile = 资料
profile-name = 姓名
profile-born = 生日
profile-language = 语言
profile-segments = 人群
profile-spend = 累计消费
profile-purchases = 消费次数
profile-last-purchase = 最近消费
identifier-card = 卡号
identifier-phone = 手机
identifier-email = 邮箱
identifier-external = 外部编号
lots = 积分批次与有效期
all-lots = 全部 { $count ->
   *[other] { $shown } 个批次
 }
no-lots = 没有未用完的批次。
earned-on = 获得
remaining = 剩余
expires = 过期
expires-never = 永久有效
pending-until = { $value }起可用
timeline = 时间线
timeline-empty = 还没有任何记录。
more-entries = 显示更早的记录
entries-loaded = 已显示 { $count ->
   *[other] { $shown } 条记录
 }
entry-number = 第 { $value } 条
why = 为什么？
why-entry = 为什么？{ $value }，第 { $number } 条
why-title = 由来
after-entry = 此后 { $value }
rules-without-effect = { $shown } 条规则未生效
postings = { $shown } 笔记账
balances-after = 此后持有
raw-json = 原始 JSON
event-member-enrolled = 入会
event-member-updated = 资料变更
event-identifier-linked = 绑定标识
event-purchase-recorded = 消费
event-return-recorded = 退货
event-activity-recorded = 互动
event-points-adjusted = 人工调整
event-points-held = 积分冻结
event-hold-captured = 冻结积分使用
event-hold-voided = 冻结撤销
event-hold-expired = 冻结超时
event-reward-redeemed = 兑换奖励
event-redemption-cancelled = 取消兑换
event-redemption-fulfilled = 奖励已交付
event-statement-made = 对账单
event-transfer-offered = 发起转赠
event-points-transferred = 积分转赠
event-transfer-declined = 谢绝转赠
event-transfer-withdrawn = 撤回转赠
event-points-released = 积分生效
event-points-expired = 积分过期
event-tiers-reviewed = 等级评定
purchase-line = { $amount } · { $count ->
   *[other] { $count } 件明细
 } · { $key }
return-line = { $key }，原消费 { $purchase }
reward-line = { $reward } ×{ $quantity } · { $key }
followed-line = { $key }，对应 { $earlier }
activity-line = { $kind } · { $key }
adjusted-line = { $reason }：{ $note }
approved-line = 批准人：{ $value }
identifier-line = 新的{ $value }
tier-reason-enrolment = 初始等级 { $to }
tier-reason-upgrade = 由 { $from } 升为 { $to }
tier-reason-requalified = 保持 { $to }
tier-reason-downgrade = 由 { $from } 降为 { $to }

## Adjustments
adjust = 调整积分
adjust-points = 积分（负数为扣减）
unit = 单位
reason = 原因
note = 说明
adjust-hint = 超过 { $value } 分须由第二人批准。
adjust-submit = 调整
adjusted = 已调整 { $value } 分。
adjustment-waits = 这笔调整正在等待第二人批准。
reason-goodwill = 善意补偿
reason-correction = 更正
reason-missing-purchase = 补录消费
reason-redemption = 兑换
reason-fraud = 违规扣减
note-missing = 请简要说明原因。
adjustments-hint = 超过上限的调整在此等待第二人批准。
adjustments-empty = 没有待批准的调整
adjustments-empty-hint = 有人调整的积分超过单人上限时，会出现在这里。
asked-by = 申请人
state = 状态
decision = 处理
approve = 批准
reject = 驳回
approve-for = 批准{ $value }的调整
reject-for = 驳回{ $value }的调整
state-waiting = 待批准
state-approved = 已批准
state-rejected = 已驳回
decided-by = { $who }，{ $day }
needs-second-person = 需要第二人
adjustment-approved = 已批准并入账。
adjustment-rejected = 已驳回。

## Programme
programme-hint = 计划的承诺，由计划文档逐句生成。
programme-empty = 尚未发布计划
programme-empty-hint = 先生成一份示例并修改，然后在此处或命令行发布。
versions = 版本
version-number = 第 { $value } 版
effective-from = { $value }起生效
version-live = 生效中
version-scheduled = 待生效
version-past = 已过去
compare-versions = 比较版本
before = 之前
after = 之后
compare-submit = 比较
changes-title = 第 { $before } 版到第 { $after } 版
change = 变化
no-changes = 两个版本内容相同。
part-units = 会员积累什么
part-rules = 规则与活动
part-ladders = 等级
download-document = 下载文档
publish = 发布新版本
publish-hint = 检查不会改变任何内容。已发布的版本不可修改，只能由下一版取代。
document = 文档（TOML 或 JSON）
effective-on = 生效日（当日零点）
check = 检查
publish-submit = 发布
published = 已发布第 { $value } 版。
findings = 检查结果
line = 行
field = 字段
value = 值
problem = 问题
severity-error = 错误
severity-warning = 提醒
check-clean = 检查没有发现问题。

## Imports
imports-hint = 从文件读入的历史数据：收下了什么，没收下什么。
imports-empty = 还没有导入
imports-empty-hint = 从 CSV 或 Parquet 文件导入消费历史：
file = 文件
rows = 行数
rejected = 拒收
started = 开始
run-running = 进行中
run-finished = 已完成
run-failed = 已中断
documents = 已入账单据
what-became = 各行的去向
import-number = 第 { $value } 次导入
progress = 进度
rejects = 拒收的行
no-rejects = 所有行都已收下。
row = 行号

## Parked returns
parked-hint = 先于消费到达的退货，消费到达后立即处理。
parked-empty = 没有等待中的退货
parked-empty-hint = 每笔退货都找到了对应的消费。
return = 退货
waits-for = 等待的消费
received = 收到
by = 来自

## People
created = 创建
name = 名称
people-hint = 可以登录此控制台的人。
role = 角色
role-manager = 经理
role-analyst = 分析
role-auditor = 审计
role-support = 客服
invite = 邀请
invite-hint = 生成一次性链接，一天内有效。打开链接的人自行设置用户名和密码。
invite-submit = 生成链接
link-created = 一次性链接
link-created-hint = 请通过可信渠道发给对方，此链接只显示一次。
