//! The first steps, as the README has them. Its environment says where the marketplace is, and who calls.

use lonja_sdk::{Client, Result, TryStreamExt, types::ListOffers};

#[tokio::main]
async fn main() -> Result<()> {
    // From LONJA_URL, LONJA_CLIENT_ID and LONJA_CLIENT_SECRET.
    let lonja = Client::from_env()?;

    let partner = lonja.get_own_partner().await?;
    println!("{} sells:", partner.legal_name);

    let mut offers = lonja.list_offers(&ListOffers::default()).into_stream();
    while let Some(offer) = offers.try_next().await? {
        println!("{} ({})", offer.name, offer.id);
    }
    Ok(())
}
