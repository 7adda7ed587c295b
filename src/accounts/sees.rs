//! Which brands somebody may see.

/// Which brands somebody may see. A [`crate::store::Store`] carries it, so that
/// every read through it, however deep below a page, answers for that person: what
/// they may not see is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sees {
    /// All of them: the program itself, the command line, users without a list.
    #[default]
    All,
    /// Those on the list of the user of this number.
    BrandsOf(i64),
}

impl Sees {
    /// What a user of this number sees, who has a list of brands or has none.
    #[must_use]
    pub fn of(user: i64, has_list: bool) -> Self {
        match has_list {
            true => Self::BrandsOf(user),
            false => Self::All,
        }
    }

    /// Whose list it is; none where everything may be seen.
    #[must_use]
    pub fn list_of(self) -> Option<i64> {
        match self {
            Self::All => None,
            Self::BrandsOf(user) => Some(user),
        }
    }

    /// Whether nothing is hidden.
    #[must_use]
    pub fn everything(self) -> bool {
        self == Self::All
    }
}
