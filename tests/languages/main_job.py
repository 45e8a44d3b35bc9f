"""The main job by a client that openapi-generator made from the document: an order, its key, a refund, a key that is gone."""

import json
import os
import re
import uuid

import lonja
from lonja.api_client import ApiClient  # `lonja.ApiClient` is the model of an API client.

url = os.environ["LONJA_URL"]
with ApiClient(lonja.Configuration(host=url)) as public:
    token = lonja.AccessApi(public).request_token(
        grant_type="client_credentials",
        client_id=os.environ["LONJA_CLIENT_ID"],
        client_secret=os.environ["LONJA_CLIENT_SECRET"],
    )


def key() -> str:
    return str(uuid.uuid4())


with ApiClient(lonja.Configuration(host=url, access_token=token.access_token)) as client:
    software, refunds = lonja.SoftwareApi(client), lonja.RefundsApi(client)
    line = lonja.PlaceOrderLine(offer_id=os.environ["OFFER_ID"], quantity=1)
    order = lonja.OrdersApi(client).place_order(
        key(),
        lonja.PlaceOrder(customer_id=os.environ["CUSTOMER_ID"], tenant_id=os.environ["TENANT_ID"], lines=[line]),
    )
    entitlement = order.lines[0].entitlement_id
    reveal = lonja.RevealKey(version="2022", language="es", bitness="x64", reason="Instalación en el servidor")
    shown = software.reveal_key(entitlement, key(), reveal)
    quote = refunds.quote_refund(lonja.QuoteRefund(order_id=order.id))
    request = lonja.RequestRefund(
        customer=os.environ["CUSTOMER_NAME"],
        order_id=order.id,
        amount=quote.amount,
        reason="El cliente compró la edición equivocada",
        title="Reembolso",
        impact="minimal",
        contact=lonja.RefundContact(name="Marta Ruiz", email="marta@distribuidora.example", phone="+52 55 5555 0123"),
    )
    refund = refunds.request_refund(key(), request)
    try:
        software.reveal_key(entitlement, key(), reveal)
        again = "shown"
    except lonja.ApiException as error:
        again = json.loads(error.body)["code"]
    is_key = bool(re.fullmatch("([0-9A-Z]{5}-){4}[0-9A-Z]{5}", shown.product_key))
    print(
        json.dumps(
            {
                "order": order.state,
                "isKey": is_key,
                "quote": quote.amount.to_dict(),
                "refund": refund.state,
                "again": again,
            }
        )
    )
