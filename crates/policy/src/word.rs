/// A closed set of words of the registry, each with a name in both languages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal, $en:literal, $zh:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// From its word in a table.
            ///
            /// # Errors
            /// [`PolicyError::UnknownWord`](crate::PolicyError::UnknownWord), with the words there are.
            pub fn parse(word: &str) -> Result<Self, crate::PolicyError> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err(crate::PolicyError::UnknownWord {
                        what: $what,
                        found: word.to_owned(),
                        allowed: [$($word),+].join(", "),
                    }),
                }
            }

            /// Its word in a table.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// Its name.
            pub fn name(self) -> frame::Text {
                match self {
                    $($name::$variant => frame::Text::new($en, $zh),)+
                }
            }
        }
    };
}
pub(crate) use words;
