"""What the pages say, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from api.pages.loads_words import LOADS_WORDS


class Language(StrEnum):
    """A language that the pages speak; Chinese is the first."""

    zh = "zh"
    en = "en"


HTML_LANG = {Language.zh: "zh-CN", Language.en: "en"}

WORDS: dict[str, tuple[str, str]] = {
    # the frame
    "brand": ("关系", "Guanxi"),
    "choose_one": ("请选择集团客户", "Choose an account"),
    "title": ("集团客户 360", "Account 360"),
    "skip": ("跳到正文", "Skip to the content"),
    "choose": ("集团客户", "Account"),
    "choose_hint": ("名称或编号", "name or number"),
    "show": ("查看", "Show"),
    "language": ("语言", "Language"),
    "data_until": ("数据截至", "Data until"),
    "run": ("运行", "run"),
    "no_run": ("尚无运行结果", "no run yet"),
    "api": ("接口", "API"),
    "every_query": ("全部查询", "All queries"),
    "every_run": ("历次运行", "All runs"),
    "query": ("查询", "Query"),
    "query_behind": ("此处背后的查询", "the query behind this"),
    "as_csv": ("下载 CSV", "download as CSV"),
    "sections": ("本页内容", "On this page"),
    # the header
    "members_active": ("在网成员", "Active members"),
    "contacts": ("联系人", "Contacts"),
    "expected_churn": ("预计流失", "Expected to leave"),
    "expected_unit": ("人", "members"),
    "expected_within": ("{days} 天内预计流失", "Expected to leave in {days} days"),
    "interval": ("九成区间 {low}–{high}", "90% interval {low}–{high}"),
    "share": ("占在网成员 {share}", "{share} of active members"),
    "no_score": ("尚无评分：guanxi refresh", "no score yet: guanxi refresh"),
    "have_left": ("已离网 {n}", "{n} have left"),
    "penetration": ("占员工 {share}", "{share} of staff"),
    "met_last": ("最近会面 {day}", "last met {day}"),
    "met_never": ("从未会面", "never met"),
    "open_cases": ("未结工单", "Open cases"),
    "parent": ("上级客户", "Parent account"),
    "part_of": ("隶属 {parent}", "part of {parent}"),
    "number": ("编号", "Number"),
    "contract_end": ("合同到期", "Contract ends"),
    "manager": ("客户经理", "Manager"),
    "class": ("客户类别", "Class"),
    "tier": ("客户层级", "Tier"),
    "industry": ("行业", "Industry"),
    "region": ("区域", "Region"),
    "unknown": ("未知", "unknown"),
    "none_recorded": ("未登记", "not recorded"),
    "in_days": ("还有 {n} 天", "in {n} days"),
    "days_ago": ("已过 {n} 天", "{n} days ago"),
    "revenue": ("月收入", "Revenue a month"),
    "revenue_of": ("{month} 账单", "billed for {month}"),
    "revenue_change": ("较前三月均值 {change}", "{change} on the three months before"),
    "revenue_twin": ("账单明细表", "Bills as a table"),
    "month": ("月份", "Month"),
    "billed": ("账单(元)", "Billed, yuan"),
    "paid": ("实收(元)", "Paid, yuan"),
    "lines": ("计费成员", "Lines billed"),
    # the sections
    "risk": ("流失风险成员", "Members at risk"),
    "risk_note": ("按流失概率从高到低；原因由强到弱", "Most likely to leave first; strongest reason first"),
    "ties": ("关系图", "Ties inside the account"),
    "ties_note": (
        "联系人、风险成员与他们联系最紧的人",
        "Contacts and members at risk, with those they are closest to",
    ),
    "ties_later": (
        "联系次数含数据日期之后已入库的月份。",
        "Contacts include months loaded after the data date.",
    ),
    "ties_twin": ("关系图对应的表", "The same ties as a table"),
    "unmet_note": ("90 天以上未会面；决策人在前", "Not met for 90 days or more; those who decide first"),
    "communities_note": ("风险与推荐会沿社群跨客户传播", "Risk and offers travel along them"),
    "influencer": ("影响力第 {rank} 位", "influencer no. {rank}"),
    "few_peers": ("样本不足", "too few peers"),
    "sales": ("销售", "Sales"),
    "share_of_sales": ("占比", "Share"),
    "unmet": ("久未联系的关键人", "Key contacts not met"),
    "partners": ("依赖的合作伙伴", "Partners leaned on"),
    "white_space": ("产品空白", "White space"),
    "white_space_note": ("同类客户已用、本客户未用", "Held by peers, not by this account"),
    "communities": ("跨客户社群", "Communities across accounts"),
    "cut": (
        "显示 {shown} / {total}，最要紧的在前；其余见查询",
        "shown {shown} of {total}, most pressing first; the query has the rest",
    ),
    "cut_nodes": (
        "显示 {shown} / {total} 人、{drawn} 条联系，最强者优先",
        "shown {shown} of {total} people and {drawn} ties, strongest first",
    ),
    "legend": ("图例", "Legend"),
    "legend_member": ("成员", "member"),
    "legend_risk": (
        "流失概率高于本客户平均(上表)",
        "likelier to leave than the account's mean (table above)",
    ),
    "legend_left": ("已离网", "has left"),
    "legend_contact": ("联系人", "contact"),
    "legend_named": ("（标出姓名）", "(named)"),
    "legend_tie": ("通信联系，越粗越多", "in touch; thicker is more"),
    "legend_reports": ("汇报关系", "reports to"),
    # columns
    "from": ("自", "From"),
    "to": ("至", "To"),
    "kind": ("关系", "Tie"),
    "kind_TIE": ("通信", "in touch"),
    "kind_REPORTS_TO": ("汇报", "reports to"),
    "times": ("联系次数", "Contacts"),
    "recent": ("近 3 月", "Last 3 months"),
    "last_month": ("最近月份", "Last month"),
    "reciprocity": ("互惠度", "Reciprocity"),
    "member": ("成员", "Member"),
    "churn": ("流失概率", "May leave"),
    "why": ("原因", "Why"),
    "contact": ("联系人", "Contact"),
    "role": ("角色", "Role"),
    "last_met": ("最近会面", "Last met"),
    "never": ("从未", "never"),
    "partner": ("合作伙伴", "Partner"),
    "product": ("产品", "Product"),
    "category": ("类别", "Category"),
    "peers_rate": ("同类渗透", "Peers"),
    "community": ("社群", "Community"),
    "size": ("人数", "Size"),
    "accounts": ("涉及客户", "Accounts"),
    # beside a circle, since the run before
    "circle_continued": ("上次成员保留 {kept}", "kept {kept} of its members"),
    "circle_born": ("新出现的社群", "new since the run before"),
    "circle_merged": ("由 {earlier} 合并而成", "merged from {earlier}"),
    "circle_split": ("由 {earlier} 拆分而来", "split from {earlier}"),
    "circle_inside": ("内含 {n} 个小组", "{n} groups inside"),
    # empty states
    "nothing_yet": (
        "尚无运行结果。请先执行 guanxi refresh，计算流失、社群与影响力。",
        "No run yet: run guanxi refresh to compute churn, communities and influence.",
    ),
    "empty_risk": ("本客户没有已评分的在网成员。", "No active member of this account has a score."),
    "empty_unmet": ("所有关键联系人近期都已会面。", "Every key contact was met recently."),
    "empty_partners": ("没有合作伙伴为本客户销售过。", "No partner has sold to this account."),
    "empty_white_space": (
        "没有发现：同行业、同类别客户中三成以上在用而本客户未用的产品；也可能没有可比的客户。",
        "None found among what 30% of its peers (same industry and class) hold; it may have no peers.",
    ),
    "empty_communities": (
        "本客户成员所在的社群都在客户内部。",
        "The communities of its members stay within the account.",
    ),
    "empty_ties": (
        "本客户成员之间没有通信记录。",
        "No tie among the members of this account is on record.",
    ),
    "absent_Contact": (
        "数据中没有联系人。导入含联系人的数据后可见：guanxi load。",
        "The data have no contacts; load a feed that has them: guanxi load.",
    ),
    "absent_Partner": (
        "数据中没有合作伙伴。导入含渠道销售的数据后可见：guanxi load。",
        "The data have no partners; load a feed that has them: guanxi load.",
    ),
    "absent_Product": (
        "数据中没有产品。导入含订购的数据后可见：guanxi load。",
        "The data have no products; load a feed that has them: guanxi load.",
    ),
    "absent_Account": (
        "图中还没有集团客户。执行 guanxi demo 生成示例，或用 guanxi load 导入数据。",
        "There are no accounts in the graph yet: guanxi demo makes a sample, guanxi load brings in data.",
    ),
    "unmet_no_visits": (
        "没有拜访记录，因此全部关键联系人都列为未会面。",
        "No visits are on record, so every key contact counts as not met.",
    ),
    "no_account": (
        "没有名称或编号含“{wanted}”的集团客户。",
        "No account's name or number contains “{wanted}”.",
    ),
    "many_accounts": (
        "有多个集团客户的名称或编号含“{wanted}”，请选择。",
        "Several accounts' names or numbers contain “{wanted}”; choose one.",
    ),
    # when it cannot be shown
    "cannot": ("无法显示", "This cannot be shown"),
    "back": ("返回首页", "Back to the first page"),
    # API page
    "api_title": ("接口一览", "What may be asked over HTTP"),
    "parameters": ("参数", "Parameters"),
    "errors": ("错误", "Errors"),
    "machine_readable": ("机器可读的文档", "The same for programs"),
    # values
    "industry_government": ("政府", "government"),
    "industry_finance": ("金融", "finance"),
    "industry_transport": ("交通", "transport"),
    "industry_energy": ("能源", "energy"),
    "industry_manufacturing": ("制造", "manufacturing"),
    "industry_education": ("教育", "education"),
    "industry_health": ("医疗", "health"),
    "industry_media": ("传媒", "media"),
    "industry_trade": ("商贸", "trade"),
    "industry_construction": ("建筑", "construction"),
    "industry_agriculture": ("农业", "agriculture"),
    "industry_other": ("其他", "other"),
    "tier_national": ("全国", "national"),
    "tier_provincial": ("省级", "provincial"),
    "tier_regional": ("地市", "regional"),
    "class_large": ("大客户", "large"),
    "class_commercial": ("商业客户", "commercial"),
    "class_public": ("公众客户", "public"),
    "kind_wholesaler": ("批发商", "wholesaler"),
    "kind_agent": ("代理商", "agent"),
    "kind_service_provider": ("服务商", "service provider"),
    "category_plan": ("套餐", "plan"),
    "category_line": ("专线宽带", "line"),
    "category_idc": ("数据中心", "data centre"),
    "category_cloud": ("云服务", "cloud"),
    "category_messaging": ("短信彩铃", "messaging"),
    "category_collaboration": ("协作", "collaboration"),
    "category_iot": ("物联网", "internet of things"),
    "category_security": ("安防", "security"),
    "category_private_network": ("专网", "private network"),
    "category_voice": ("语音", "voice"),
    "category_roaming": ("漫游", "roaming"),
    "category_data": ("数据服务", "data"),
    "role_decision": ("决策人", "decides"),
    "role_influence": ("影响人", "influences"),
    "role_user": ("使用人", "uses"),
    "role_gatekeeper": ("把关人", "keeps the gate"),
    **LOADS_WORDS,
}

PROVINCES = {
    "11": ("北京", "Beijing"),
    "12": ("天津", "Tianjin"),
    "13": ("河北", "Hebei"),
    "14": ("山西", "Shanxi"),
    "15": ("内蒙古", "Inner Mongolia"),
    "21": ("辽宁", "Liaoning"),
    "22": ("吉林", "Jilin"),
    "23": ("黑龙江", "Heilongjiang"),
    "31": ("上海", "Shanghai"),
    "32": ("江苏", "Jiangsu"),
    "33": ("浙江", "Zhejiang"),
    "34": ("安徽", "Anhui"),
    "35": ("福建", "Fujian"),
    "36": ("江西", "Jiangxi"),
    "37": ("山东", "Shandong"),
    "41": ("河南", "Henan"),
    "42": ("湖北", "Hubei"),
    "43": ("湖南", "Hunan"),
    "44": ("广东", "Guangdong"),
    "45": ("广西", "Guangxi"),
    "46": ("海南", "Hainan"),
    "50": ("重庆", "Chongqing"),
    "51": ("四川", "Sichuan"),
    "52": ("贵州", "Guizhou"),
    "53": ("云南", "Yunnan"),
    "54": ("西藏", "Tibet"),
    "61": ("陕西", "Shaanxi"),
    "62": ("甘肃", "Gansu"),
    "63": ("青海", "Qinghai"),
    "64": ("宁夏", "Ningxia"),
    "65": ("新疆", "Xinjiang"),
    "71": ("台湾", "Taiwan"),
    "81": ("香港", "Hong Kong"),
    "82": ("澳门", "Macao"),
}

Say = Callable[..., str]


def speaker(language: Language) -> Say:
    """`say("cut", shown=60, total=340)`: the words under that key. KeyError for a key without words.

    >>> speaker(Language.en)("cut", shown=60, total=340)
    'shown 60 of 340, most pressing first; the query has the rest'
    """
    place = list(Language).index(language)

    def say(key: str, **values: object) -> str:
        return WORDS[key][place].format(**values)

    return say


def value_word(language: Language, group: str, value: object) -> str:
    """A value of the model in words; a value without words (a feed's own) stays as it is.

    >>> value_word(Language.zh, "tier", "national"), value_word(Language.en, "class", "VIP")
    ('全国', 'VIP')
    """
    known = WORDS.get(f"{group}_{value}")
    return known[list(Language).index(language)] if known else str(value)


def region_word(language: Language, code: object) -> str:
    """A GB/T 2260 code with the name of its province.

    >>> region_word(Language.zh, "440100"), region_word(Language.en, "Texas")
    ('广东 440100', 'Texas')
    """
    text = str(code)
    known = PROVINCES.get(text[:2]) if text.isdigit() else None
    return f"{known[list(Language).index(language)]} {text}" if known else text
