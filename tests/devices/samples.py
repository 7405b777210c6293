"""Documents for tests, with made-up halls, numbers and names; the real wording is the kiosk's."""

from __future__ import annotations

from devices.paper.blocks import (
    Badge,
    Block,
    Code,
    Document,
    Foot,
    Frame,
    Note,
    Number,
    Pair,
    Rule,
    Style,
    Text,
    Tick,
)

URL = "https://zw.linjiang.example/t/7Kq9vX2mTb4R"
LONG = (
    "建设工程规划许可证核发（建筑类）（加建、改建、扩建建筑工程《建设工程规划许可证》核发—普通加建、改建、扩建"
    "（含改变建筑物使用性质）、重新核发）"
)[:68]
RARE = "企业登记：𠮷䶮科技（临江）有限公司"


def ticket(
    item: str = "职工参保登记",
    *,
    english: bool = False,
    reprint: int = 0,
    number: str = "A012",
    style: Style = "normal",
) -> Document:
    """A ticket as the hall prints it; `english` adds the second language, `reprint` the badge."""

    def en(text: str) -> str:
        return text if english else ""

    blocks: list[Block] = [Text("临江市政务服务中心", en("Linjiang Government Service Centre"), "title", centre=True)]
    blocks.append(Rule(heavy=True))
    if reprint:
        blocks.append(Badge(f"补打 第 {reprint} 次 {en('· Reprint')}".strip()))
    blocks += [
        Number(number),
        Text(item, en("Employee enrolment"), "strong", centre=True, shrink=True),
        Text("A 社会保障", en("A Social security"), centre=True),
        Rule(),
        Pair("前面还有", "6 人", en("People ahead: 6")),
        Pair("大约等候", "12 到 20 分钟", en("Estimated wait: 12–20 min")),
        Text("近 7 天，10 次里有 8 次在估计的时间内叫到", en("Past 7 days: 8 in 10 were called in time"), "small"),
        Frame("请到 A 区坐着等", "听到叫号，去 5–8 号窗口", en("Please wait in Zone\u00a0A, then Windows\u00a05–8")),
        Code(URL, "扫码看排到哪了", en("Scan to see your place"), "快到您时手机会提醒"),
        Rule(),
        Note(
            "过号",
            "叫 3 次没来，算过号。15 分钟内回来，到取号机扫这张票，接着排，只往后 5 分钟。",
            en(
                "After 3 calls you are passed over. Back within 15 min? Scan this at the kiosk: you rejoin 5 min later."
            ),
        ),
        Note(
            "承诺",
            "能办您这件事的窗口，不会先叫比您晚来 10 分钟以上的人（预约 20 分钟，照顾号 25 分钟，急办 70 分钟）。",
            en("No window that can serve you calls anyone who came over 10 min after you."),
        ),
        Rule(),
        Foot("2026-11-25 09:41", "取号机 1"),
    ]
    return Document(tuple(blocks), style)


def compact() -> Document:
    """The short one: what must be on paper, nothing else."""
    return Document(
        (
            Text("临江市政务服务中心", size="title", centre=True),
            Number("A012"),
            Text("职工参保登记", size="strong", centre=True, shrink=True),
            Pair("前面还有", "6 人"),
            Pair("大约等候", "12 到 20 分钟"),
            Text("请到 A 区坐着等，听到叫号，去 5–8 号窗口", bold=True),
            Code(URL, "扫码看排到哪了", detail="快到您时手机会提醒"),
            Foot("2026-11-25 09:41", "取号机 1"),
        ),
        "compact",
    )


def checklist() -> Document:
    """What to bring for an item."""
    return Document(
        (
            Text("材料清单", "What to bring", "title", centre=True),
            Text("居民身份证遗失补领", size="strong", shrink=True),
            Rule(),
            Text("要带的 2 样（带好一样，打一个勾）", bold=True),
            Tick("居民户口簿", "原件 1 份 · 自己带"),
            Tick("未满十六周岁的，监护人的居民身份证及能够证明监护关系的材料", "原件 1 份 · 可以后补"),
            Rule(),
            Note("·", "常住人口登记信息"),
            Pair("地点", "A 区 5–8 号窗口", strong=False),
            Pair("需要在窗口现场核对原件的材料名称比较长", "户口簿、结婚证、出生医学证明"),
            Code(
                "https://zw.linjiang.example/g/511602-0142?v=3", "扫码看全文和样表", detail="第 3 版，2026-10-01 起用"
            ),
            Foot("2026-11-25 09:41", "以上为打印时的标准"),
        )
    )


DOCUMENTS = {
    "ticket": ticket(),
    "bilingual": ticket(english=True),
    "long": ticket(LONG),
    "rare reprint": ticket(RARE, english=True, reprint=1, number="C1203"),
    "elder": ticket("养老金资格认证", style="elder"),
    "compact": compact(),
    "checklist": checklist(),
}
