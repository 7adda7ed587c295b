//! What the names of classes and the words on buttons tell of an element.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use scraper::ElementRef;

/// What is known of an element and of what it stands in, as bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clues(u32);

impl Clues {
    /// Boxes with other products than the page's own.
    pub(super) const RELATED: Self = Self(1);
    /// Header, footer, navigation, breadcrumbs, the small cart, pop-ups.
    pub(super) const FRAME: Self = Self(1 << 1);
    pub(super) const PRICE: Self = Self(1 << 2);
    /// The price asked now, by name.
    pub(super) const CURRENT: Self = Self(1 << 3);
    /// A price not asked any more, by name or struck out.
    pub(super) const OLD: Self = Self(1 << 4);
    /// Shipping, savings, deposits, instalments, prices by unit or quantity.
    pub(super) const OTHER: Self = Self(1 << 5);
    pub(super) const WITHOUT_TAX: Self = Self(1 << 6);
    pub(super) const STOCK: Self = Self(1 << 7);
    pub(super) const SELLER: Self = Self(1 << 8);
    pub(super) const GALLERY: Self = Self(1 << 9);
    pub(super) const DESCRIPTION: Self = Self(1 << 10);
    pub(super) const HIDDEN: Self = Self(1 << 11);
    pub(super) const BUY: Self = Self(1 << 12);
    pub(super) const TITLE: Self = Self(1 << 13);
    pub(super) const CENTS: Self = Self(1 << 14);
    pub(super) const REVIEW: Self = Self(1 << 15);
    /// The page's own product, by name.
    pub(super) const PRODUCT: Self = Self(1 << 16);
    /// A row of products, by name.
    pub(super) const CARD: Self = Self(1 << 17);
    pub(super) const DECORATION: Self = Self(1 << 18);
    /// Struck out.
    pub(super) const STRUCK: Self = Self(1 << 20);
    /// One of several that can be chosen.
    pub(super) const CHOICE: Self = Self(1 << 19);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, any_of: Self) -> bool {
        self.0 & any_of.0 != 0
    }

    /// What holds for everything inside as well.
    const INHERITED: Self = Self::RELATED
        .with(Self::FRAME)
        .with(Self::OLD)
        .with(Self::OTHER)
        .with(Self::WITHOUT_TAX)
        .with(Self::GALLERY)
        .with(Self::HIDDEN)
        .with(Self::REVIEW)
        .with(Self::DESCRIPTION)
        .with(Self::CARD)
        .with(Self::DECORATION)
        .with(Self::CHOICE)
        .with(Self::STRUCK);

    pub(super) const fn inherited(self) -> Self {
        Self(self.0 & Self::INHERITED.0)
    }
}

/// Parts of class names and ids. Where several begin at one place the longest
/// counts.
const NAMES: &[(&str, Clues)] = &[
    ("related", Clues::RELATED),
    ("similar", Clues::RELATED),
    ("upsell", Clues::RELATED),
    ("up-sell", Clues::RELATED),
    ("cross-sell", Clues::RELATED),
    ("crosssell", Clues::RELATED),
    ("crossselling", Clues::RELATED),
    ("cross_sell", Clues::RELATED),
    ("also-bought", Clues::RELATED),
    ("also_bought", Clues::RELATED),
    ("also_purchased", Clues::RELATED),
    ("alsobought", Clues::RELATED),
    ("alsopurchased", Clues::RELATED),
    ("recommend", Clues::RELATED),
    ("recently", Clues::RELATED),
    ("lastseen", Clues::RELATED),
    ("last-seen", Clues::RELATED),
    ("bestseller", Clues::RELATED),
    ("best-seller", Clues::RELATED),
    ("featured-products", Clues::RELATED),
    ("accessories", Clues::RELATED),
    ("zubehoer", Clues::RELATED),
    ("aehnlich", Clues::RELATED),
    ("customers-also", Clues::RELATED),
    ("you-may", Clues::RELATED),
    ("viewed", Clues::RELATED),
    ("bundle", Clues::RELATED),
    ("xsell", Clues::RELATED),
    ("whatsnew", Clues::RELATED),
    ("compare", Clues::DECORATION),
    ("sidebar", Clues::FRAME),
    ("side-bar", Clues::FRAME),
    ("column-left", Clues::FRAME),
    ("left-column", Clues::FRAME),
    ("columnleft", Clues::FRAME),
    ("column-right", Clues::FRAME),
    ("footer", Clues::FRAME),
    ("site-header", Clues::FRAME),
    ("page-header", Clues::FRAME),
    ("header-main", Clues::FRAME),
    ("topbar", Clues::FRAME),
    ("top-bar", Clues::FRAME),
    ("navbar", Clues::FRAME),
    ("navigation", Clues::FRAME),
    ("megamenu", Clues::FRAME),
    ("breadcrumb", Clues::FRAME),
    ("minicart", Clues::FRAME),
    ("mini-cart", Clues::FRAME),
    ("mini_cart", Clues::FRAME),
    ("minibasket", Clues::FRAME),
    ("cart-total", Clues::FRAME),
    ("carttotal", Clues::FRAME),
    ("shopping-cart", Clues::FRAME),
    ("blockcart", Clues::FRAME),
    ("offcanvas", Clues::FRAME),
    ("off-canvas", Clues::FRAME),
    ("cookie", Clues::FRAME),
    ("newsletter", Clues::FRAME),
    ("modal", Clues::FRAME),
    ("popup", Clues::FRAME),
    ("product-item", Clues::CARD),
    ("product-card", Clues::CARD),
    ("product-miniature", Clues::CARD),
    ("product-thumb", Clues::CARD),
    ("product-box", Clues::CARD),
    ("product-layout", Clues::CARD),
    ("product--box", Clues::CARD),
    ("product-list", Clues::CARD),
    ("product_list", Clues::CARD),
    ("products-grid", Clues::CARD),
    ("product-grid", Clues::CARD),
    ("product-slider", Clues::RELATED),
    ("price", Clues::PRICE),
    ("preis", Clues::PRICE),
    ("prix", Clues::PRICE),
    ("precio", Clues::PRICE),
    ("prezzo", Clues::PRICE),
    ("preco", Clues::PRICE),
    ("prijs", Clues::PRICE),
    ("cena", Clues::PRICE),
    ("pris", Clues::PRICE),
    ("amount", Clues::PRICE),
    ("tsena", Clues::PRICE),
    ("hinta", Clues::PRICE),
    ("fiyat", Clues::PRICE),
    ("kakaku", Clues::PRICE),
    ("current", Clues::CURRENT),
    ("aktuell", Clues::CURRENT),
    ("final", Clues::CURRENT),
    ("special", Clues::CURRENT),
    ("sale", Clues::CURRENT),
    ("our-price", Clues::CURRENT.with(Clues::PRICE)),
    ("our_price", Clues::CURRENT.with(Clues::PRICE)),
    ("price-new", Clues::CURRENT.with(Clues::PRICE)),
    ("new-price", Clues::CURRENT.with(Clues::PRICE)),
    ("price_now", Clues::CURRENT.with(Clues::PRICE)),
    ("main-price", Clues::CURRENT.with(Clues::PRICE)),
    ("productspecialprice", Clues::CURRENT.with(Clues::PRICE)),
    ("old", Clues::OLD),
    ("list-price", Clues::OLD),
    ("listprice", Clues::OLD),
    ("list_price", Clues::OLD),
    ("price-was", Clues::OLD),
    ("was-price", Clues::OLD),
    ("price--was", Clues::OLD),
    ("regular-price", Clues::OLD.with(Clues::PRICE)),
    ("original-price", Clues::OLD),
    ("strike", Clues::OLD.with(Clues::STRUCK)),
    ("crossed", Clues::OLD.with(Clues::STRUCK)),
    ("line-through", Clues::OLD.with(Clues::STRUCK)),
    ("linethrough", Clues::OLD.with(Clues::STRUCK)),
    ("rrp", Clues::OLD),
    ("msrp", Clues::OLD),
    ("-uvp", Clues::OLD),
    ("pseudo", Clues::OLD),
    ("streich", Clues::OLD),
    ("barre", Clues::OLD),
    ("tachado", Clues::OLD),
    ("before-price", Clues::OLD),
    ("price-before", Clues::OLD),
    ("compare-at", Clues::OLD),
    ("compare_at", Clues::OLD),
    ("price--compare", Clues::OLD),
    ("shipping", Clues::OTHER),
    ("versand", Clues::OTHER),
    ("livraison", Clues::OTHER),
    ("delivery", Clues::OTHER),
    ("saving", Clues::OTHER),
    ("discount", Clues::OTHER),
    ("discounted", Clues::CURRENT),
    ("discount-price", Clues::CURRENT.with(Clues::PRICE)),
    ("price-discount", Clues::CURRENT.with(Clues::PRICE)),
    ("price--discount", Clues::CURRENT.with(Clues::PRICE)),
    ("economy", Clues::OTHER),
    ("omnibus", Clues::OLD),
    ("ersparnis", Clues::OTHER),
    ("installment", Clues::OTHER),
    ("financ", Clues::OTHER),
    ("unit-price", Clues::OTHER),
    ("unit_price", Clues::OTHER),
    ("price-unit", Clues::OTHER),
    ("unitprice", Clues::OTHER),
    ("price--unit", Clues::OTHER),
    ("base-price", Clues::OTHER),
    ("base_price", Clues::OTHER),
    ("baseprice", Clues::OTHER),
    ("grundpreis", Clues::OTHER),
    ("tier", Clues::OTHER),
    ("staffel", Clues::OTHER),
    ("block-prices", Clues::OTHER),
    ("bulk", Clues::OTHER),
    ("quantity-break", Clues::OTHER),
    ("volume", Clues::OTHER),
    ("points", Clues::OTHER),
    ("reward", Clues::OTHER),
    ("deposit", Clues::OTHER),
    ("pfand", Clues::OTHER),
    ("ecotax", Clues::OTHER),
    ("voucher", Clues::OTHER),
    ("coupon", Clues::OTHER),
    ("price-tax", Clues::WITHOUT_TAX),
    ("excl-tax", Clues::WITHOUT_TAX),
    ("excluding-tax", Clues::WITHOUT_TAX),
    ("price-excluding", Clues::WITHOUT_TAX),
    ("excl-vat", Clues::WITHOUT_TAX),
    ("ex-vat", Clues::WITHOUT_TAX),
    ("ex-tax", Clues::WITHOUT_TAX),
    ("netto", Clues::WITHOUT_TAX),
    ("tax-excl", Clues::WITHOUT_TAX),
    ("stock", Clues::STOCK),
    ("availab", Clues::STOCK),
    ("verfuegbar", Clues::STOCK),
    ("lager", Clues::STOCK),
    ("dispo", Clues::STOCK),
    ("delivery-status", Clues::STOCK),
    ("delivery--status", Clues::STOCK),
    ("delivery-information", Clues::STOCK),
    ("dostupnost", Clues::STOCK),
    ("seller", Clues::SELLER),
    ("vendor", Clues::SELLER),
    ("merchant", Clues::SELLER),
    ("verkaeufer", Clues::SELLER),
    ("vendeur", Clues::SELLER),
    ("vendedor", Clues::SELLER),
    ("gallery", Clues::GALLERY),
    ("galerie", Clues::GALLERY),
    ("product-image", Clues::GALLERY),
    ("product_image", Clues::GALLERY),
    ("productimage", Clues::GALLERY),
    ("product-img", Clues::GALLERY),
    ("product-media", Clues::GALLERY),
    ("product-photo", Clues::GALLERY),
    ("product-cover", Clues::GALLERY),
    ("image--box", Clues::GALLERY),
    ("image-slider", Clues::GALLERY),
    ("image-box", Clues::GALLERY),
    ("images-container", Clues::GALLERY),
    ("main-image", Clues::GALLERY),
    ("main_image", Clues::GALLERY),
    ("mainimage", Clues::GALLERY),
    ("bigpic", Clues::GALLERY),
    ("pigal", Clues::GALLERY),
    ("thumbnails", Clues::GALLERY),
    ("product-thumbnails", Clues::GALLERY),
    ("product-thumbs", Clues::GALLERY),
    ("image-carousel", Clues::GALLERY),
    ("thumbs", Clues::GALLERY),
    ("fotorama", Clues::GALLERY),
    ("lightbox", Clues::GALLERY),
    ("magiczoom", Clues::GALLERY),
    ("cloud-zoom", Clues::GALLERY),
    ("swiper", Clues::GALLERY),
    ("desc", Clues::DESCRIPTION),
    ("beschreibung", Clues::DESCRIPTION),
    ("hidden", Clues::HIDDEN),
    // For those who listen to the page; it says what others see.
    ("visually-hidden", Clues(0)),
    ("visuallyhidden", Clues(0)),
    ("media-gallery", Clues::GALLERY),
    ("d-none", Clues::HIDDEN),
    ("add-to-cart", Clues::BUY),
    ("add_to_cart", Clues::BUY),
    ("addtocart", Clues::BUY),
    ("add-to-basket", Clues::BUY),
    ("add-to-bag", Clues::BUY),
    ("buy-now", Clues::BUY),
    ("button-cart", Clues::BUY),
    ("buybox", Clues::BUY),
    ("btn-buy", Clues::BUY),
    ("tocart", Clues::BUY),
    ("in-cart", Clues::BUY),
    ("product-title", Clues::TITLE),
    ("product_title", Clues::TITLE),
    ("product-name", Clues::TITLE),
    ("product_name", Clues::TITLE),
    ("productname", Clues::TITLE),
    ("product-heading", Clues::TITLE),
    ("item-title", Clues::TITLE),
    ("cent", Clues::CENTS),
    ("decimal", Clues::CENTS),
    ("fraction", Clues::CENTS),
    ("review", Clues::REVIEW),
    ("comment", Clues::REVIEW),
    ("rating", Clues::REVIEW),
    ("bewertung", Clues::REVIEW),
    ("single-product", Clues::PRODUCT),
    ("product-detail", Clues::PRODUCT),
    ("product--detail", Clues::PRODUCT),
    ("productdetail", Clues::PRODUCT),
    ("product-info", Clues::PRODUCT),
    ("product_info", Clues::PRODUCT),
    ("product-view", Clues::PRODUCT),
    ("product-main", Clues::PRODUCT),
    ("product-essential", Clues::PRODUCT),
    ("product-page", Clues::PRODUCT),
    ("page-product", Clues::PRODUCT),
    ("product-product", Clues::PRODUCT),
    ("logo", Clues::DECORATION),
    ("icon", Clues::DECORATION),
    ("payment", Clues::DECORATION),
    ("badge", Clues::DECORATION),
    ("flag", Clues::DECORATION),
    ("avatar", Clues::DECORATION),
    ("social", Clues::DECORATION),
    ("sprite", Clues::DECORATION),
    ("trust", Clues::DECORATION),
    ("brand", Clues::DECORATION),
    ("manufacturer", Clues::DECORATION),
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .ascii_case_insensitive(true)
        .build(NAMES.iter().map(|(name, _)| dashed(name)))
        .ok()
});

/// `product__media` and `product--media` are `product-media`.
fn dashed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().take(300) {
        let c = if c == '_' { '-' } else { c };
        if !(c == '-' && out.ends_with('-')) {
            out.push(c);
        }
    }
    out
}

/// What a class list or an id says.
fn named(text: &str) -> Clues {
    let Some(finder) = FINDER.as_ref() else {
        return Clues::default();
    };
    let head = dashed(text);
    let read = |clues: Clues, found: aho_corasick::Match| {
        let (name, clue) = NAMES[found.pattern().as_usize()];
        let before = head[..found.start()].chars().next_back();
        let after = head[found.end()..].chars().next();
        // "has-discount", "with-list-price" speak of what stands beside.
        let is_beside = ["has-", "with-"]
            .iter()
            .any(|word| head[..found.start()].ends_with(word));
        // "old" is a part of "gold", "cena" of "scena", "sale" of "wholesale".
        let is_part = name.len() <= 5
            && before.is_some_and(char::is_alphabetic)
            && !head[found.start()..].starts_with(char::is_uppercase);
        // The name of a box is not that of its parts: "product-item-detail".
        let is_box_part = clue == Clues::CARD
            && !(before.is_none_or(char::is_whitespace) && after.is_none_or(char::is_whitespace));
        if is_beside || is_part || is_box_part {
            clues
        } else {
            clues.with(clue)
        }
    };
    finder.find_iter(&head).fold(Clues::default(), read)
}

/// What an element says by itself.
pub(super) fn of(element: ElementRef<'_>) -> Clues {
    let mut clues = match element.value().name() {
        "s" | "del" | "strike" => Clues::OLD.with(Clues::STRUCK),
        "footer" | "nav" | "aside" | "dialog" => Clues::FRAME,
        "select" | "option" | "textarea" => Clues::OTHER.with(Clues::CHOICE),
        "template" | "noscript" => Clues::HIDDEN,
        _ => Clues::default(),
    };
    let is_root = matches!(element.value().name(), "html" | "body");
    for (name, value) in element.value().attrs() {
        let found = match name {
            "id" if ["cart", "basket", "header", "footer", "top"].contains(&value) => Clues::FRAME,
            "class" | "id" | "data-testid" | "data-test" | "data-role" => named(value),
            "itemprop" | "property" => by_property(value),
            "style" => by_style(value),
            "hidden" => Clues::HIDDEN,
            "role" if value == "dialog" => Clues::FRAME,
            "role" if value == "navigation" || value == "contentinfo" => Clues::FRAME,
            _ => Clues::default(),
        };
        // The classes of `body` tell what page it is, not what stands in it.
        clues = clues.with(if is_root {
            Clues(found.0 & Clues::PRODUCT.0)
        } else {
            found
        });
    }
    // A name like "old-price-wrapper current" is of no use; nor is a product's
    // own box called one of several.
    if clues.has(Clues::PRODUCT) {
        clues = Clues(clues.0 & !(Clues::CARD.0 | Clues::RELATED.0));
    }
    clues
}

fn by_property(value: &str) -> Clues {
    match value.trim().rsplit(['/', ':']).next().unwrap_or_default() {
        "price" | "lowPrice" => Clues::PRICE.with(Clues::CURRENT),
        "availability" => Clues::STOCK,
        "name" => Clues::TITLE,
        "image" => Clues::GALLERY,
        "description" => Clues::DESCRIPTION,
        "review" | "reviews" | "aggregateRating" => Clues::REVIEW,
        "isRelatedTo" | "isSimilarTo" => Clues::RELATED,
        _ => Clues::default(),
    }
}

fn by_style(value: &str) -> Clues {
    let style: String = value
        .chars()
        .take(300)
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_lowercase();
    let mut clues = Clues::default();
    if style.contains("line-through") {
        clues = clues.with(Clues::OLD).with(Clues::STRUCK);
    }
    if style.contains("display:none") || style.contains("visibility:hidden") {
        clues = clues.with(Clues::HIDDEN);
    }
    clues
}

/// Words on the button that puts an article into the cart.
const BUY: &[&str] = &[
    "add to cart",
    "add to basket",
    "add to bag",
    "add to trolley",
    "buy now",
    "buy it now",
    "purchase",
    "order now",
    "in den warenkorb",
    "in den einkaufswagen",
    "in den korb",
    "jetzt kaufen",
    "in warenkorb",
    "warenkorb legen",
    "kaufen",
    "bestellen",
    "ajouter au panier",
    "ajouter à mon panier",
    "acheter",
    "añadir al carrito",
    "agregar al carrito",
    "añadir a la cesta",
    "comprar",
    "aggiungi al carrello",
    "acquista",
    "adicionar ao carrinho",
    "adicionar",
    "in winkelwagen",
    "in winkelmand",
    "toevoegen aan",
    "lägg i varukorg",
    "lägg i kundvagn",
    "köp",
    "læg i kurv",
    "køb",
    "legg i handlekurv",
    "kjøp",
    "lisää ostoskoriin",
    "osta",
    "do koszyka",
    "kup teraz",
    "do košíku",
    "vložit do košíku",
    "koupit",
    "do košíka",
    "kosárba",
    "megveszem",
    "adaugă în coș",
    "adauga in cos",
    "в корзину",
    "купить",
    "добавить в корзину",
    "в кошик",
    "купити",
    "в количката",
    "купи",
    "προσθήκη στο καλάθι",
    "sepete ekle",
    "satın al",
    "カートに入れる",
    "カートへ",
    "買い物かご",
    "購入",
    "加入购物车",
    "加入購物車",
    "立即购买",
    "장바구니",
    "구매",
    "thêm vào giỏ",
    "mua ngay",
    "أضف إلى السلة",
    "أضف للسلة",
    "הוסף לסל",
    "เพิ่มลงตะกร้า",
    "beli sekarang",
    "tambah ke keranjang",
];

/// Finds any of some words, which are written in lower case.
fn finder(words: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::new(words).ok()
}

static BUYING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(BUY));
static ABOVE_OTHERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| finder(OTHERS));

fn holds(finder: &LazyLock<Option<AhoCorasick>>, text: &str) -> bool {
    finder
        .as_ref()
        .is_some_and(|finder| finder.is_match(&text.to_lowercase()))
}

/// Whether a button's text is that of buying.
pub(super) fn is_buying(text: &str) -> bool {
    text.len() <= 120 && holds(&BUYING, text)
}

/// Words of headings above boxes of other products.
const OTHERS: &[&str] = &[
    "related",
    "similar",
    "you may also",
    "you might also",
    "also like",
    "also bought",
    "also viewed",
    "recommended",
    "recently viewed",
    "customers who",
    "people also",
    "more from",
    "best sellers",
    "new arrivals",
    "frequently bought",
    "goes well",
    "accessories",
    "complete the",
    "other products",
    "more products",
    "featured products",
    "what's new",
    "recent products",
    "other items",
    "ähnliche",
    "passend",
    "kunden",
    "das könnte",
    "zubehör",
    "empfehl",
    "zuletzt",
    "weitere artikel",
    "auch interessant",
    "topseller",
    "dazu passt",
    "andere",
    "similaires",
    "associés",
    "vous aimerez",
    "également",
    "recommand",
    "accessoires",
    "dans la même",
    "les clients",
    "autres produits",
    "récemment",
    "relacionad",
    "también",
    "similares",
    "recomendad",
    "correlati",
    "simili",
    "potrebbe",
    "anche",
    "consigliati",
    "relacionados",
    "também",
    "talvez",
    "gerelateerd",
    "vergelijkbare",
    "anderen",
    "ook",
    "liknande",
    "relaterade",
    "relaterte",
    "relaterede",
    "lignende",
    "andra",
    "podobne",
    "polecane",
    "powiązane",
    "inni",
    "podobné",
    "související",
    "súvisiace",
    "mohlo by",
    "hasonló",
    "kapcsolódó",
    "ajánl",
    "similare",
    "recomandate",
    "похожие",
    "рекоменд",
    "с этим товаром",
    "сопутств",
    "также",
    "вас может",
    "схожі",
    "подобни",
    "σχετικά",
    "παρόμοια",
    "benzer",
    "ilgili",
    "関連",
    "おすすめ",
    "この商品を",
    "相关",
    "相似",
    "推荐",
    "推薦",
    "관련",
    "추천",
    "liên quan",
    "tương tự",
    "ذات صلة",
    "مشابهة",
    "דומים",
];

/// Whether a heading stands above other products.
pub(super) fn is_above_others(text: &str) -> bool {
    text.len() <= 160 && holds(&ABOVE_OTHERS, text)
}

/// Words before a seller's name.
pub(super) const SELLER_LABELS: &[&str] = &[
    "sold by",
    "seller",
    "vendor",
    "shop:",
    "store:",
    "merchant",
    "sold and shipped by",
    "dispatched from and sold by",
    "verkauft durch",
    "verkauf durch",
    "verkäufer",
    "anbieter",
    "händler",
    "verkauft von",
    "vendu par",
    "vendeur",
    "vendu et expédié par",
    "vendido por",
    "vendedor",
    "venduto da",
    "venditore",
    "verkocht door",
    "verkoper",
    "säljare",
    "säljs av",
    "sælger",
    "selger",
    "selges av",
    "myyjä",
    "sprzedawca",
    "sprzedaje",
    "prodejce",
    "prodává",
    "predajca",
    "eladó",
    "vânzător",
    "vândut de",
    "продавец",
    "продавець",
    "продавач",
    "πωλητής",
    "satıcı",
    "出品者",
    "販売元",
    "販売者",
    "卖家",
    "賣家",
    "판매자",
    "người bán",
    "penjual",
    "البائع",
    "מוכר",
];
