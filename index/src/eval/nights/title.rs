//! What sellers write.

use super::World;
use super::catalog::{GOODS, NightProduct, word};
use super::listing::SellerKind;
use crate::eval::Random;

/// Words of copies in four languages. The last of each language are in no list of the program's.
const CODED: [[&str; 8]; 4] = [
    [
        "1:1",
        "replica",
        "mirror quality",
        "AAA quality",
        "super copy",
        "top copy",
        "UA version",
        "identical finish",
    ],
    [
        "1:1",
        "Replik",
        "Nachbildung",
        "AAA Qualität",
        "Spiegelqualität",
        "wie Original",
        "Topversion",
        "gleiche Verarbeitung",
    ],
    [
        "1:1",
        "réplique",
        "imitation",
        "qualité miroir",
        "AAA+",
        "comme l'original",
        "version luxe",
        "finition identique",
    ],
    [
        "1:1",
        "réplica",
        "imitación",
        "calidad espejo",
        "AAA+",
        "como original",
        "versión top",
        "acabado idéntico",
    ],
];
/// Words of goods that only look like others.
const LOOKS: [[&str; 3]; 4] = [
    ["inspired by", "designer style", "unbranded"],
    ["inspiriert von", "Designer Style", "ohne Logo"],
    ["inspiré de", "designer style", "sans logo"],
    ["inspirado en", "designer style", "sin logo"],
];
const USED: [[&str; 3]; 4] = [
    ["used", "pre-owned", "second hand"],
    ["gebraucht", "getragen", "aus zweiter Hand"],
    ["occasion", "d'occasion", "seconde main"],
    ["usado", "de segunda mano", "seminuevo"],
];
const FOR: [[&str; 3]; 4] = [
    ["for", "compatible with", "fits"],
    ["für", "passend für", "kompatibel mit"],
    ["pour", "compatible avec", "adapté à"],
    ["para", "compatible con", "adecuado para"],
];
const FILLER: [[&str; 8]; 4] = [
    [
        "new",
        "free shipping",
        "gift",
        "original box",
        "limited",
        "hot sale",
        "2024",
        "black",
    ],
    [
        "neu",
        "versandkostenfrei",
        "Geschenk",
        "OVP",
        "limitiert",
        "Angebot",
        "2024",
        "schwarz",
    ],
    [
        "neuf",
        "livraison gratuite",
        "cadeau",
        "boîte d'origine",
        "édition limitée",
        "promo",
        "2024",
        "noir",
    ],
    [
        "nuevo",
        "envío gratis",
        "regalo",
        "caja original",
        "limitado",
        "oferta",
        "2024",
        "negro",
    ],
];
const HONEST: [[&str; 6]; 4] = [
    [
        "With invoice and two years of warranty.",
        "Bought in 2022, worn twice.",
        "Ships within two days.",
        "No replica, receipt included.",
        "Dimensions are in the pictures.",
        "Returns within 30 days.",
    ],
    [
        "Mit Rechnung und zwei Jahren Garantie.",
        "2022 gekauft, zweimal benutzt.",
        "Versand in zwei Tagen.",
        "Keine Replika, Beleg liegt bei.",
        "Maße siehe Bilder.",
        "Rückgabe in 30 Tagen.",
    ],
    [
        "Avec facture et deux ans de garantie.",
        "Acheté en 2022, porté deux fois.",
        "Expédié sous deux jours.",
        "Pas une réplique, facture fournie.",
        "Dimensions sur les photos.",
        "Retour sous 30 jours.",
    ],
    [
        "Con factura y dos años de garantía.",
        "Comprado en 2022, usado dos veces.",
        "Envío en dos días.",
        "No es réplica, con recibo.",
        "Medidas en las fotos.",
        "Devolución en 30 días.",
    ],
];
const SHADY: [[&str; 5]; 4] = [
    [
        "Factory direct, contact us for more colours.",
        "Same factory, same leather.",
        "Ships in plain packaging.",
        "Message us for pictures of the logo.",
        "Wholesale welcome.",
    ],
    [
        "Direkt vom Werk, weitere Farben auf Anfrage.",
        "Gleiches Werk, gleiches Material.",
        "Neutral verpackt.",
        "Bilder vom Logo auf Anfrage.",
        "Auch für Wiederverkäufer.",
    ],
    [
        "Direct usine, autres couleurs sur demande.",
        "Même usine, même matière.",
        "Emballage neutre.",
        "Photos du logo sur demande.",
        "Vente en gros.",
    ],
    [
        "Directo de fábrica, más colores.",
        "Misma fábrica, mismo material.",
        "Embalaje neutro.",
        "Fotos del logo por mensaje.",
        "Venta al por mayor.",
    ],
];

/// Title and description of a listing.
pub(super) fn text(
    random: &mut Random,
    seller: SellerKind,
    about: &NightProduct,
    language: usize,
    world: &World,
) -> (String, String) {
    use SellerKind::*;
    let entry = &about.entry;
    let noun = about.noun(language);
    let model = entry.model_numbers.first().map_or("", String::as_str);
    let mut parts: Vec<String> = Vec::new();
    let mut said = vec![match seller {
        Counterfeiter | PhotoThief | TrademarkMisuser | DesignCopier => {
            random.pick(SHADY[language])
        }
        _ => random.pick(HONEST[language]),
    }];
    let coded = |random: &mut Random, share: f64| random.chance((share * world.coded).min(1.0));
    match seller {
        Counterfeiter => {
            let in_title = coded(random, 0.45);
            // Some hide behind what is allowed to name a brand.
            if random.chance(0.04) {
                parts.push(random.pick(FOR[language]).to_owned());
            }
            if random.chance(0.9) {
                parts.push(disguised(random, &entry.brand, 0.5));
            }
            if random.chance(0.85) {
                parts.push(about.line.clone());
            }
            parts.push(noun.to_owned());
            if random.chance(0.3) {
                parts.push(model.to_owned());
            }
            if in_title {
                parts.push(random.pick(CODED[language]).to_owned());
            }
            if coded(random, 0.25) {
                said.push(random.pick(CODED[language]));
            }
        }
        PhotoThief => {
            if random.chance(0.12) {
                if random.chance(0.3) {
                    parts.push(random.pick(FOR[language]).to_owned());
                }
                parts.push(disguised(random, &entry.brand, 0.7));
            }
            if random.chance(0.25) {
                parts.push(about.line.clone());
            }
            parts.push(noun.to_owned());
            if coded(random, 0.1) {
                parts.push(random.pick(CODED[language]).to_owned());
            }
        }
        TrademarkMisuser => {
            parts.push(noun.to_owned());
            let share = 0.8 * world.coded.sqrt();
            let words = if random.chance(share) {
                random.pick(LOOKS[language])
            } else {
                "style"
            };
            parts.push(words.to_owned());
            parts.push(entry.brand.clone());
            if random.chance(0.7) {
                parts.push(about.line.clone());
            }
        }
        DesignCopier => {
            parts.push(about.line.clone());
            parts.push(noun.to_owned());
            if random.chance(0.6) {
                parts.push(random.pick(LOOKS[language]).to_owned());
            }
        }
        GreyImporter | Leaker | Retailer | SecondHand => {
            parts.extend([entry.brand.clone(), about.line.clone(), noun.to_owned()]);
            if random.chance(0.5) {
                parts.push(model.to_owned());
            }
            if random.chance(0.02) {
                parts[0] = misspelt(random, &entry.brand);
            }
            if seller == SecondHand && random.chance(0.6) {
                parts.push(random.pick(USED[language]).to_owned());
            }
            if seller == GreyImporter && random.chance(0.25) {
                parts.push(["import", "Import", "importation", "importado"][language].to_owned());
            }
        }
        AccessoryMaker => {
            let thing = about.goods().accessory[language];
            parts.push(thing.to_owned());
            parts.push(random.pick(FOR[language]).to_owned());
            parts.extend([entry.brand.clone(), about.line.clone()]);
            if random.chance(0.3) {
                parts.push(noun.to_owned());
            }
        }
        Lookalike => {
            parts.push(misspelt(random, &entry.brand));
            parts.push(line(random, about, 0.05));
            parts.push(noun.to_owned());
        }
        SameBrand => {
            let other = random.below(3);
            parts.extend([entry.brand.clone(), line(random, about, 0.2)]);
            parts.push(about.goods().nouns[other][language].to_owned());
        }
        SameGoods => parts.extend([word(random, 2, 3), word(random, 2, 2), noun.to_owned()]),
        Unrelated => {
            let goods = &GOODS[random.below(GOODS.len())];
            parts.extend([
                word(random, 2, 3),
                goods.nouns[random.below(3)][language].to_owned(),
            ]);
        }
    }
    for _ in 0..random.below(3) {
        parts.push(random.pick(FILLER[language]).to_owned());
    }
    if random.chance(0.5) {
        said.push(random.pick(HONEST[language]));
    }
    parts.retain(|part| !part.is_empty());
    (parts.join(" "), said.join(" "))
}

/// The name of a line: in a share of the cases that of the product.
fn line(random: &mut Random, about: &NightProduct, same: f64) -> String {
    if random.chance(same) {
        about.line.clone()
    } else {
        word(random, 2, 2)
    }
}

/// The brand, in a share of the cases written to be missed.
fn disguised(random: &mut Random, brand: &str, share: f64) -> String {
    if !random.chance(share) {
        return brand.to_owned();
    }
    match random.below(5) {
        0 => swapped(
            brand,
            &[('a', 'а'), ('e', 'е'), ('o', 'о'), ('c', 'с'), ('i', 'і')],
        ),
        1 => swapped(
            brand,
            &[('a', '4'), ('e', '3'), ('o', '0'), ('i', '1'), ('s', '5')],
        ),
        2 => brand
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(" "),
        3 => brand
            .chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join("\u{200b}"),
        _ => misspelt(random, brand),
    }
}

fn swapped(text: &str, by: &[(char, char)]) -> String {
    let swap = |c: char| {
        by.iter()
            .find(|(from, _)| *from == c)
            .map_or(c, |(_, to)| *to)
    };
    text.chars().map(swap).collect()
}

/// The brand with a letter doubled, or two letters swapped.
fn misspelt(random: &mut Random, brand: &str) -> String {
    let mut letters: Vec<char> = brand.chars().collect();
    let at = 1 + random.below(letters.len().saturating_sub(2));
    if random.chance(0.5) {
        letters.insert(at, letters[at.min(letters.len() - 1)]);
    } else if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}
