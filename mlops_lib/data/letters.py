"""How likely the letters of a script are in ordinary text: what tells legacy encodings apart.

Each script is a table of classes of letters with the share of all letters that a class has in running text; within a
class all are taken as equally likely. The shares are round figures: the classes differ by factors of ten to a thousand,
which is what decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_HANGUL = (
    "이다는의에가을하지고도로를기어은서사리한나대인자그일시해수정아라스부적장있니전들게만구성제보안여주국동원상과면것으"
    "경우없조선생소거계연회문물유용신세공화개비실관방위마내분당교학까발행무중심모체강말석음단명민오진운입력양반결산영월"
    "금급출점역임건등권현식청총포품합형호황후김박최윤책번름였었습될된할함며러려트드크르브타터카코통천외예업작재저때데두"
    "또와워울율률별복본북남녀년날낮밤봄름값간감각객검견곳광군근남노농능달답덕량례록류른매메모목미배백버법변병봉불빈색설"
    "속손송술숙습승암야약억언업엔엽온완왕요욕욱육응익절접종죄준증직집차참창채처철초축출충취측층치친칠침칭켜쿠키탁탄태택"
    "토투특파판편평표풍프피필학합항허험혁협혜홍환활훈휴흥희"
)
_HAN_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事"
    "成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此"
    "已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代"
    "内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安"
    "少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光"
    "放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运"
    "京姓龄价额编号省县城职店售付款购类型状态姓男否订单客户收入支费税率元级省份州深沪李刘陈杨赵黄周吴"
)
_HAN_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事"
    "成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此"
    "已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代"
    "內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活爾更別打女變四神總何電數安"
    "少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光"
    "放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運"
    "京姓齡價額編號省縣城職店售付款購型狀態男否訂單客戶收支費稅率級台灣陳林黃李吳劉蔡楊縣雄"
)
_KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立"
    "開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成"
    "期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得"
    "解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感"
    "特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤"
    "町常校料沢裁状工建語球営空職証土与急止送援供可役構木割聞身費付施切由説転食比難防補車優夫研収断井何南石足違消境神番規"
    "術護展態導備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張映限親額環"
    "験追審商葉義伝働形景落欧担好退準辺造英株頭技低毎医復仕去姿味負閣失移差衆個門写評課末守若極種美岡命含福量望松非観察段"
    "横深字答夜製票況音申様港識注呼達齢籍歴齋齊佐阪阜埼潟徳媛賀"
)
_WESTERN = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿœßšž"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžőűäöüôçăâîşţ"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ"
_GREEK = "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ"
_EAST_ASIAN_SIGNS = "、。「」『』（）：；，！？・ー　【】《》〈〉～％０１２３４５６７８９－／＋＝〒年円￥"
_WESTERN_SIGNS = "€£°§«»‘’“”–—…·ªº©®™µ²³½¼¾¡¿±×¥ "

Shares = tuple[tuple[Iterable[str], float], ...]


@lru_cache(maxsize=1)
def scripts() -> dict[str, dict[str, float]]:
    """Letter to probability, by script; what is in no class of a script is as good as impossible in it."""
    kana = [chr(code) for code in (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC)]
    half_kana = [chr(code) for code in range(0xFF61, 0xFFA0)]
    tables: dict[str, Shares] = {
        "Korean": (
            (_HANGUL, 0.85),
            (_pairs("euc_kr", 0xB0, 0xC8), 0.1),
            (_pairs("euc_kr", 0xA1, 0xAF), 0.02),
            (_pairs("euc_kr", 0xCA, 0xFD), 0.01),
            (_pairs("cp949", 0x81, 0xC6), 0.005),
            (_EAST_ASIAN_SIGNS, 0.01),
        ),
        "Japanese": (
            (kana, 0.5),
            (_KANJI, 0.35),
            (_pairs("cp932", 0x88, 0x97, first=0x40), 0.1),
            (_pairs("cp932", 0x81, 0x84, first=0x40), 0.01),
            (_pairs("cp932", 0x98, 0xEA, first=0x40), 0.005),
            (half_kana, 0.01),
            (_EAST_ASIAN_SIGNS, 0.02),
        ),
        "Chinese (simplified)": (
            (_HAN_SIMPLIFIED, 0.6),
            (_pairs("gb2312", 0xB0, 0xD7), 0.35),
            (_pairs("gb2312", 0xD8, 0xF7), 0.01),
            (_pairs("gb2312", 0xA1, 0xA9), 0.005),
            (_pairs("gbk", 0x81, 0xFE, first=0x40), 0.002),
            (_EAST_ASIAN_SIGNS, 0.03),
        ),
        "Chinese (traditional)": (
            (_HAN_TRADITIONAL, 0.6),
            (_pairs("big5", 0xA4, 0xC6, first=0x40), 0.35),
            (_pairs("big5", 0xA1, 0xA3, first=0x40), 0.005),
            (_pairs("big5", 0xC9, 0xF9, first=0x40), 0.005),
            (_EAST_ASIAN_SIGNS, 0.03),
        ),
        "western European": ((_WESTERN, 0.85), (_WESTERN.upper(), 0.05), (_WESTERN_SIGNS, 0.08)),
        "central European": ((_CENTRAL, 0.8), (_CENTRAL.upper(), 0.05), (_WESTERN_SIGNS, 0.08)),
        "Cyrillic": ((_CYRILLIC, 0.85), (_CYRILLIC.upper(), 0.1), (_WESTERN_SIGNS + "№", 0.03)),
        "Greek": ((_GREEK, 0.85), (_GREEK.upper(), 0.1), (_WESTERN_SIGNS, 0.03)),
    }  # fmt: skip
    return {script: _likelihoods(shares) for script, shares in tables.items()}


def _likelihoods(shares: Shares) -> dict[str, float]:
    """The most likely class counts where a letter is in several."""
    found: dict[str, float] = {}
    for letters, share in shares:
        distinct = set(letters)
        for letter in distinct:
            found[letter] = max(found.get(letter, 0.0), share / len(distinct))
    return found


def _pairs(encoding: str, lead: int, last: int, first: int = 0xA1) -> set[str]:
    """All letters whose two bytes have a lead from `lead` to `last` and a trail from `first` on."""
    pairs = (bytes((a, b)) for a in range(lead, last + 1) for b in range(first, 0xFF))
    return {text for text in (pair.decode(encoding, "ignore") for pair in pairs) if len(text) == 1 and text > "\x7f"}
