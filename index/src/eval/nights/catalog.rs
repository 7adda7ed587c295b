//! Invented brands and their products.

use std::ops::Range;

use super::PRODUCTS_OF_A_BRAND;
use crate::eval::Random;
use crate::text::CatalogProduct;

/// A kind of goods.
pub(super) struct Goods {
    pub category: &'static str,
    /// Its nouns in English, German, French, Spanish.
    pub nouns: [[&'static str; 4]; 3],
    /// Usual prices, in one currency for all.
    pub prices: [f64; 2],
    /// What is made for it, in the same languages.
    pub accessory: [&'static str; 4],
}

pub(super) const GOODS: [Goods; 8] = [
    Goods {
        category: "bags",
        nouns: [
            ["Leather Tote", "Ledertasche", "Sac Cabas", "Bolso de Piel"],
            [
                "Crossbody Bag",
                "Umhängetasche",
                "Sac Bandoulière",
                "Bandolera",
            ],
            ["Backpack", "Rucksack", "Sac à Dos", "Mochila"],
        ],
        prices: [90.0, 1200.0],
        accessory: ["strap", "Schultergurt", "sangle", "correa"],
    },
    Goods {
        category: "watches",
        nouns: [
            [
                "Automatic Watch",
                "Automatikuhr",
                "Montre Automatique",
                "Reloj Automático",
            ],
            [
                "Diver Watch",
                "Taucheruhr",
                "Montre de Plongée",
                "Reloj de Buceo",
            ],
            ["Chronograph", "Chronograph", "Chronographe", "Cronógrafo"],
        ],
        prices: [150.0, 4000.0],
        accessory: [
            "watch band",
            "Uhrenarmband",
            "bracelet de montre",
            "correa de reloj",
        ],
    },
    Goods {
        category: "shoes",
        nouns: [
            [
                "Running Shoes",
                "Laufschuhe",
                "Chaussures de Course",
                "Zapatillas de Correr",
            ],
            ["Sneakers", "Sneaker", "Baskets", "Zapatillas"],
            ["Chelsea Boots", "Stiefeletten", "Bottines", "Botines"],
        ],
        prices: [70.0, 350.0],
        accessory: ["laces", "Schnürsenkel", "lacets", "cordones"],
    },
    Goods {
        category: "audio",
        nouns: [
            [
                "Wireless Headphones",
                "Kopfhörer",
                "Casque sans Fil",
                "Auriculares",
            ],
            [
                "Bluetooth Speaker",
                "Lautsprecher",
                "Enceinte Bluetooth",
                "Altavoz",
            ],
            [
                "Turntable",
                "Plattenspieler",
                "Platine Vinyle",
                "Tocadiscos",
            ],
        ],
        prices: [60.0, 700.0],
        accessory: ["ear pads", "Ohrpolster", "coussinets", "almohadillas"],
    },
    Goods {
        category: "kitchen",
        nouns: [
            [
                "Espresso Machine",
                "Espressomaschine",
                "Machine à Espresso",
                "Cafetera Espresso",
            ],
            [
                "Stand Mixer",
                "Küchenmaschine",
                "Robot Pâtissier",
                "Batidora",
            ],
            ["Kettle", "Wasserkocher", "Bouilloire", "Hervidor"],
        ],
        prices: [50.0, 900.0],
        accessory: ["filter", "Filter", "filtre", "filtro"],
    },
    Goods {
        category: "furniture",
        nouns: [
            ["Lounge Chair", "Sessel", "Fauteuil", "Sillón"],
            ["Floor Lamp", "Stehlampe", "Lampadaire", "Lámpara de Pie"],
            [
                "Side Table",
                "Beistelltisch",
                "Table d'Appoint",
                "Mesa Auxiliar",
            ],
        ],
        prices: [120.0, 2500.0],
        accessory: ["cover", "Bezug", "housse", "funda"],
    },
    Goods {
        category: "toys",
        nouns: [
            [
                "Building Set",
                "Bauset",
                "Jeu de Construction",
                "Juego de Construcción",
            ],
            [
                "Plush Bear",
                "Plüschbär",
                "Ours en Peluche",
                "Oso de Peluche",
            ],
            [
                "Model Car",
                "Modellauto",
                "Voiture Miniature",
                "Coche a Escala",
            ],
        ],
        prices: [20.0, 220.0],
        accessory: ["display case", "Vitrine", "vitrine", "vitrina"],
    },
    Goods {
        category: "tools",
        nouns: [
            [
                "Cordless Drill",
                "Akkubohrer",
                "Perceuse sans Fil",
                "Taladro",
            ],
            [
                "Garden Shears",
                "Gartenschere",
                "Cisaille",
                "Tijeras de Podar",
            ],
            [
                "Pocket Knife",
                "Taschenmesser",
                "Couteau de Poche",
                "Navaja",
            ],
        ],
        prices: [25.0, 400.0],
        accessory: ["battery", "Akku", "batterie", "batería"],
    },
];

/// A product of a made catalog.
#[derive(Debug, Clone)]
pub struct NightProduct {
    /// As the text index takes it; its id is its place in the catalog.
    pub entry: CatalogProduct,
    /// The list price.
    pub price: f64,
    /// Whether it is out.
    pub released: bool,
    /// The place of its kind among the kinds of goods, and of its noun there.
    pub(super) goods: (usize, usize),
    /// The name of its line, such as "Aria".
    pub(super) line: String,
}

impl NightProduct {
    pub(super) fn goods(&self) -> &'static Goods {
        &GOODS[self.goods.0]
    }

    /// What it is, in a language.
    pub(super) fn noun(&self, language: usize) -> &'static str {
        self.goods().nouns[self.goods.1][language]
    }
}

/// The products of the brands of these numbers.
#[must_use]
pub fn catalog(brands: Range<u64>, seed: u64) -> Vec<NightProduct> {
    let mut products = Vec::new();
    for number in brands {
        // A brand is the same in every night.
        let mut random = Random::new(0, "brand", number);
        let brand = word(&mut random, 2, 3);
        let goods = random.below(GOODS.len());
        let mut line = String::new();
        for _ in 0..PRODUCTS_OF_A_BRAND {
            let noun = random.below(3);
            // Some lines have several products.
            if line.is_empty() || !random.chance(0.25) {
                line = word(&mut random, 2, 2);
            }
            let [low, high] = GOODS[goods].prices;
            let price = low * (high / low).powf(random.unit());
            let models = random.chance(0.7).then(|| model(&mut random));
            let id = i64::try_from(products.len()).unwrap_or(0);
            let noun_en = GOODS[goods].nouns[noun][0];
            products.push(NightProduct {
                entry: CatalogProduct {
                    id,
                    sku: format!("N-{number}-{id}"),
                    brand: brand.clone(),
                    name: format!("{line} {noun_en}"),
                    model_numbers: models.into_iter().collect(),
                    category: Some(GOODS[goods].category.to_owned()),
                    ..CatalogProduct::default()
                },
                price,
                released: true,
                goods: (goods, noun),
                line: line.clone(),
            });
        }
    }
    // Which of them are not out yet is another lot each night.
    let mut random = Random::new(seed, "release", 0);
    for product in &mut products {
        product.released = !random.chance(0.03);
    }
    products
}

/// An invented word that can be spoken.
pub(super) fn word(random: &mut Random, least: usize, most: usize) -> String {
    const ONSETS: [&str; 20] = [
        "b", "br", "c", "d", "dr", "f", "g", "h", "k", "l", "m", "n", "p", "qu", "r", "s", "st",
        "t", "v", "z",
    ];
    const VOWELS: [&str; 7] = ["a", "e", "i", "o", "u", "ae", "io"];
    const CODAS: [&str; 10] = ["", "", "", "n", "r", "l", "x", "s", "nd", "th"];
    let syllables = least + random.below(most - least + 1);
    let mut word = String::new();
    for _ in 0..syllables {
        word.push_str(random.pick(ONSETS));
        word.push_str(random.pick(VOWELS));
    }
    word.push_str(random.pick(CODAS));
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn model(random: &mut Random) -> String {
    let letter = |random: &mut Random| char::from(b'A' + random.below(26) as u8);
    let (a, b) = (letter(random), letter(random));
    format!("{a}{b}-{}", 100 + random.below(9900))
}
