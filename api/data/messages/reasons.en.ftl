# Why an answer is what it is: of recommendations, upgrades and comparisons.

few_users = { $users } users: an organisation of up to { $limit } is small.
many_users = { $users } users: more than { $limit } is not small.
growing = The organisation grows, so it is treated as larger than it is.
basic_it = Its needs of IT are basic.
advanced_it = Its needs of IT are advanced, which counts like more users.
wants_mail = It wants e-mail in the cloud.
wants_desktop_apps = It wants Office on the desktop.
wants_both_or_other = It wants both, or another service.
over_the_cap = The plan takes { $cap } seats at most; there are { $users } users.
no_price_listed = The source of the catalogue gives no price: it is listed and cannot be ordered.
not_sold_in_currency = The plan is not sold in { $currency } now.

same_family = Both plans are of the family { $family }: some of the users may move, or all.
other_family = The plans are of the families { $from } and { $to }: all users of the tenant move, or none.
channel_not_served = The upgrade table { $table } serves { $channels }, not { $channel }.
channel_served = The upgrade table { $table } serves { $channel }.

advisor_bills_vendor = The vendor bills the customer. The advisor gets { $from } to { $to } % of the first year's sales and { $later } % of each later year's while the customer stays.
reseller_bills_reseller = The reseller bills the customer: it earns its own price less the provider's, every year.
services_extra = Services come on top in either model, as given: once in the first year, or every year.
sales_at_list_price = Sales are the list price of each billing cycle, times seats, as often as it is paid in a year; without tax, without changes of price or seats.
rounded_once = Each share is rounded half up, once for each year.
