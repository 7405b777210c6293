"""A small town's guides for the search's tests: title, short name, everyday names, what is stored about them."""

from queue_server.guides.search import Entry

_ROWS: list[tuple[str, str, tuple[str, ...], str, str]] = [
    # code, title, everyday names, department, English
    ("SB01", "社会保障卡申领", ("社保卡",), "人社局", "Social insurance card"),
    ("SB02", "社会保障卡补领、换领", ("社保卡补办",), "人社局", "Replacement of a social insurance card"),
    ("SB03", "社会保险参保登记", ("交社保",), "人社局", "Joining social insurance"),
    ("SB04", "失业保险金申领", ("失业金",), "人社局", "Unemployment benefit"),
    ("SB05", "失业登记", (), "人社局", "Registering as unemployed"),
    ("SB06", "企业职工基本养老金申领", ("退休",), "人社局", "Pension"),
    ("SB07", "创业担保贷款申请", (), "人社局", "Start-up loan"),
    ("YB01", "异地就医备案", ("外地看病",), "医保局", "Treatment in another city"),
    ("YB02", "门诊费用报销", (), "医保局", "Refund of outpatient costs"),
    ("YB03", "生育津贴支付", (), "医保局", "Maternity allowance"),
    ("GA01", "居民身份证申领", ("身份证",), "公安局", "Identity card"),
    ("GA02", "居民身份证丢失补领", ("身份证丢了",), "公安局", "Lost identity card"),
    ("GA03", "普通护照首次申请", ("护照",), "公安局", "Passport"),
    ("GA04", "往来港澳通行证签注", ("港澳签注",), "公安局", "Hong Kong and Macao permit"),
    ("GA05", "户口迁移审批", ("迁户口",), "公安局", "Moving the household register"),
    ("GA06", "出生登记", ("上户口",), "公安局", "Registering a birth"),
    ("GA07", "居住证办理", (), "公安局", "Residence permit"),
    ("GA08", "无犯罪记录证明", (), "公安局", "No criminal record"),
    ("GA09", "犬类准养证核发", ("养狗",), "公安局", "Dog licence"),
    ("GA10", "机动车驾驶证期满换证", ("驾照到期",), "公安局", "Renewing a driving licence"),
    ("MZ01", "结婚登记", ("领结婚证",), "民政局", "Marriage"),
    ("MZ02", "离婚登记", (), "民政局", "Divorce"),
    ("MZ03", "最低生活保障申请", ("低保",), "民政局", "Minimum living allowance"),
    ("MZ04", "80周岁以上老年人高龄津贴发放", (), "民政局", "Allowance for people over 80"),
    ("MZ05", "中国公民收养子女登记", (), "民政局", "Adoption"),
    ("ZJ01", "公共租赁住房申请", ("公租房",), "住建局", "Public rental housing"),
    ("ZJ02", "商品房预售许可", (), "住建局", "Selling flats before completion"),
    ("ZJ03", "建筑工程施工许可证核发", (), "住建局", "Building permit"),
    ("ZR01", "不动产转移登记", ("房产过户",), "自然资源局", "Transfer of real estate"),
    ("ZR02", "林木采伐许可证核发", ("砍树",), "自然资源局", "Felling licence"),
    ("SJ01", "企业开办", ("开公司",), "市场监管局", "Founding a company"),
    ("SJ02", "企业注销登记", (), "市场监管局", "Closing a company"),
    ("SJ03", "个体工商户设立登记", ("开店",), "市场监管局", "Sole trader"),
    ("SJ04", "食品经营许可", ("开饭店",), "市场监管局", "Food licence"),
    ("SW01", "代开增值税专用发票", (), "税务局", "Issuing a VAT invoice"),
    ("SW02", "开具税收完税证明", (), "税务局", "Tax payment certificate"),
    ("JT01", "网约车驾驶员证核发", (), "交通局", "Ride-hailing driver"),
    ("WJ01", "出生医学证明首次签发", ("出生证",), "卫健局", "Birth certificate"),
    ("CL01", "残疾人证新办", ("残疾证",), "残联", "Disability certificate"),
    ("YC01", "烟草专卖零售许可证新办", ("烟草证",), "烟草局", "Tobacco licence"),
]
FIELDS = {
    "SB01": {
        "materials": "居民身份证原件；白底照片",
        "time": "当场办结",
        "fee": "不收费",
        "where": "一楼 3 号窗口",
    },
    "GA03": {
        "materials": "居民身份证；户口簿；照片",
        "time": "7 个工作日",
        "fee": "120 元/本",
        "conditions": "因私出国",
    },
}
ENTRIES = tuple(
    Entry(code, title, "", aliases, department, fields={"title_en": english, **FIELDS.get(code, {})})
    for code, title, aliases, department, english in _ROWS
)
