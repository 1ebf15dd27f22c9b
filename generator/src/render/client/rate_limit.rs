//! Rate limits as expressions.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ir::{Period, Rate};
use crate::render::rust::imports::Imports;

/// Returns the expression of a rate limit.
pub(super) fn rate_limit(imports: &Imports<'_>, rate: &Rate) -> TokenStream {
    let ty = imports.runtime("RateLimit");
    let count = Literal::u32_unsuffixed(rate.count);
    let unit = &rate.unit;
    let constructor = match rate.period {
        Period::Second => quote!(per_second),
        Period::Minute => quote!(per_minute),
        Period::Hour => quote!(per_hour),
    };
    quote!(#ty::#constructor(#count, #unit))
}
