// The main job by a client that openapi-generator made from the document: an order, its key, a refund, a key that is gone.
import { AccessApi, Configuration, OrdersApi, RefundsApi, ResponseError, SoftwareApi } from "./client/index.js";

declare const process: { env: Record<string, string>; exitCode: number };

async function main(): Promise<void> {
  const basePath = process.env.LONJA_URL;
  const token = await new AccessApi(new Configuration({ basePath })).requestToken({
    grantType: "client_credentials",
    clientId: process.env.LONJA_CLIENT_ID,
    clientSecret: process.env.LONJA_CLIENT_SECRET,
  });
  const configuration = new Configuration({ basePath, accessToken: `Bearer ${token.accessToken}` });
  const software = new SoftwareApi(configuration);
  const refunds = new RefundsApi(configuration);

  const order = await new OrdersApi(configuration).placeOrder({
    idempotencyKey: crypto.randomUUID(),
    placeOrder: {
      customerId: process.env.CUSTOMER_ID,
      tenantId: process.env.TENANT_ID,
      lines: [{ offerId: process.env.OFFER_ID, quantity: 1 }],
    },
  });
  const id = order.lines[0].entitlementId ?? "";
  const revealKey = { version: "2022", language: "es", bitness: "x64", reason: "Instalación en el servidor" } as const;
  const shown = await software.revealKey({ id, idempotencyKey: crypto.randomUUID(), revealKey });
  const isKey = /^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/.test(shown.productKey);

  const quote = await refunds.quoteRefund({ quoteRefund: { orderId: order.id } });
  const refund = await refunds.requestRefund({
    idempotencyKey: crypto.randomUUID(),
    requestRefund: {
      customer: process.env.CUSTOMER_NAME,
      orderId: order.id,
      amount: quote.amount,
      reason: "El cliente compró la edición equivocada",
      title: "Reembolso",
      impact: "minimal",
      contact: { name: "Marta Ruiz", email: "marta@distribuidora.example", phone: "+52 55 5555 0123" },
    },
  });
  const again = await software
    .revealKey({ id, idempotencyKey: crypto.randomUUID(), revealKey })
    .then(() => "shown")
    .catch(async (error: ResponseError) => (await error.response.json()).code);
  console.log(JSON.stringify({ order: order.state, isKey, quote: quote.amount, refund: refund.state, again }));
}

main().catch(async (error: unknown) => {
  console.error(error instanceof ResponseError ? await error.response.text() : error);
  process.exitCode = 1;
});
