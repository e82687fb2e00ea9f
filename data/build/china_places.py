"""The 31 provinces of mainland China: place codes (ISO 3166-2) and every spelling that the sources use."""

from __future__ import annotations

# GB/T 2260 code, letter code, English name, short Chinese name, full Chinese name, full English name
PROVINCES = [
    ("11", "BJ", "Beijing", "北京", "北京市", "Beijing Municipality"),
    ("12", "TJ", "Tianjin", "天津", "天津市", "Tianjin Municipality"),
    ("13", "HE", "Hebei", "河北", "河北省", "Hebei Province"),
    ("14", "SX", "Shanxi", "山西", "山西省", "Shanxi Province"),
    ("15", "NM", "Inner Mongolia", "内蒙古", "内蒙古自治区", "Inner Mongolia Autonomous Region"),
    ("21", "LN", "Liaoning", "辽宁", "辽宁省", "Liaoning Province"),
    ("22", "JL", "Jilin", "吉林", "吉林省", "Jilin Province"),
    ("23", "HL", "Heilongjiang", "黑龙江", "黑龙江省", "Heilongjiang Province"),
    ("31", "SH", "Shanghai", "上海", "上海市", "Shanghai Municipality"),
    ("32", "JS", "Jiangsu", "江苏", "江苏省", "Jiangsu Province"),
    ("33", "ZJ", "Zhejiang", "浙江", "浙江省", "Zhejiang Province"),
    ("34", "AH", "Anhui", "安徽", "安徽省", "Anhui Province"),
    ("35", "FJ", "Fujian", "福建", "福建省", "Fujian Province"),
    ("36", "JX", "Jiangxi", "江西", "江西省", "Jiangxi Province"),
    ("37", "SD", "Shandong", "山东", "山东省", "Shandong Province"),
    ("41", "HA", "Henan", "河南", "河南省", "Henan Province"),
    ("42", "HB", "Hubei", "湖北", "湖北省", "Hubei Province"),
    ("43", "HN", "Hunan", "湖南", "湖南省", "Hunan Province"),
    ("44", "GD", "Guangdong", "广东", "广东省", "Guangdong Province"),
    ("45", "GX", "Guangxi", "广西", "广西壮族自治区", "Guangxi Zhuang Autonomous Region"),
    ("46", "HI", "Hainan", "海南", "海南省", "Hainan Province"),
    ("50", "CQ", "Chongqing", "重庆", "重庆市", "Chongqing Municipality"),
    ("51", "SC", "Sichuan", "四川", "四川省", "Sichuan Province"),
    ("52", "GZ", "Guizhou", "贵州", "贵州省", "Guizhou Province"),
    ("53", "YN", "Yunnan", "云南", "云南省", "Yunnan Province"),
    ("54", "XZ", "Tibet", "西藏", "西藏自治区", "Tibet Autonomous Region"),
    ("61", "SN", "Shaanxi", "陕西", "陕西省", "Shaanxi Province"),
    ("62", "GS", "Gansu", "甘肃", "甘肃省", "Gansu Province"),
    ("63", "QH", "Qinghai", "青海", "青海省", "Qinghai Province"),
    ("64", "NX", "Ningxia", "宁夏", "宁夏回族自治区", "Ningxia Hui Autonomous Region"),
    ("65", "XJ", "Xinjiang", "新疆", "新疆维吾尔自治区", "Xinjiang Uygur Autonomous Region"),
]

CHINA = "CHN"
BY_NAME_EN = {name_en: f"CN-{letters}" for _, letters, name_en, _, _, _ in PROVINCES}
BY_NAME_ZH = {name_zh: f"CN-{letters}" for _, letters, _, name_zh, _, _ in PROVINCES}
BY_NUMBER = {number: f"CN-{letters}" for number, letters, _, _, _, _ in PROVINCES}
CODES = sorted(BY_NUMBER.values())
