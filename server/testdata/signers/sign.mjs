// Signs a body as other systems do, with their own libraries if they have one. It reads
// {"body": …, "time": seconds} from standard input, and writes what it made: for each kind the
// secret or the public keys of a connection, and the headers of a delivery.
import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import "@shopify/shopify-api/adapters/node";
import { createSHA256HMAC, HashFormat } from "@shopify/shopify-api/runtime";
import { FlattenedSign } from "jose";
import { Webhook } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const { body, time } = JSON.parse(readFileSync(0, "utf8"));
const made = [];
const add = (name, kind, more) => made.push({ name, kind, ...more });
const hex = () => randomBytes(32).toString("hex");
const hmac = (secret, text, encoding) => createHmac("sha256", secret).update(text, "utf8").digest(encoding);

// Shopify: the library's own HMAC.
let secret = hex();
const shopify = await createSHA256HMAC(secret, body, HashFormat.Base64);
add("shopify", "shopify", { secret, headers: { "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-Sha256": shopify } });
add("shopify-events", "shopify", { secret, headers: { "Shopify-Topic": "orders/create", "Shopify-Hmac-Sha256": shopify } });

// WooCommerce: base64_encode(hash_hmac('sha256', $payload, wp_specialchars_decode($secret), true)).
secret = hex();
add("woocommerce", "woocommerce", { secret, headers: { "X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": hmac(secret, body, "base64") } });

// Toast: the HMAC of the body with its timestamp behind it.
secret = hex();
const stamp = new Date(time * 1000).toISOString();
const event = JSON.stringify({ timestamp: stamp, eventCategory: "order_updated", eventType: "order_updated", guid: "e-1", details: { restaurantGuid: "r-1", order: JSON.parse(body) } });
add("toast", "toast", { secret, body: event, headers: { "Toast-Event-Type": "order_updated", "Toast-Signature": hmac(secret, event + stamp, "base64") } });

// Saleor: a detached JSON Web Signature by RS256, and the older HMAC. Its library leaves out
// "crit", which others ask for.
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k-1", use: "sig", alg: "RS256" }] };
const order = JSON.stringify([JSON.parse(body)]);
const jws = await new FlattenedSign(new TextEncoder().encode(order))
	.setProtectedHeader({ alg: "RS256", kid: "k-1", b64: false, crit: ["b64"] }).sign(privateKey);
add("saleor", "saleor", { keys, body: order, headers: { "Saleor-Event": "order_created", "Saleor-Signature": `${jws.protected}..${jws.signature}` } });
const head = Buffer.from(JSON.stringify({ alg: "RS256", b64: false, kid: "k-1", typ: "JWT" })).toString("base64url");
const signature = sign("sha256", Buffer.from(`${head}.${order}`), privateKey).toString("base64url");
add("saleor-plain", "saleor", { keys, body: order, headers: { "Saleor-Event": "order_paid", "Saleor-Signature": `${head}..${signature}` } });
secret = hex();
add("saleor-hmac", "saleor", { secret, body: order, headers: { "Saleor-Event": "order_created", "Saleor-Signature": hmac(secret, order, "hex") } });

// Standard Webhooks and Svix: their libraries, and ed25519, which the libraries do not sign by.
secret = "whsec_" + randomBytes(32).toString("base64");
const typed = JSON.stringify({ type: "order.created", timestamp: stamp, data: JSON.parse(body) });
const headers = (name, signature) => ({ [`${name}-id`]: "msg_1", [`${name}-timestamp`]: String(time), [`${name}-signature`]: signature });
add("standard", "standard", { secret, body: typed, headers: headers("webhook", new Webhook(secret).sign("msg_1", new Date(time * 1000), typed)) });
add("svix", "standard", { secret, body: typed, headers: headers("svix", new Svix(secret).sign("msg_1", new Date(time * 1000), typed)) });
const pair = generateKeyPairSync("ed25519");
const ed = sign(null, Buffer.from(`msg_1.${time}.${typed}`), createPrivateKey(pair.privateKey.export({ format: "pem", type: "pkcs8" }))).toString("base64");
const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x, "base64url").toString("base64");
add("ed25519", "standard", { secret: "whpk_" + raw, body: typed, headers: headers("webhook", `v1,bm8= v1a,${ed}`) });

// Others: an HMAC in some header.
secret = hex();
add("generic-hex", "generic", { secret, header: "X-Hub-Signature-256", encoding: "hex", prefix: "sha256=", headers: { "X-Hub-Signature-256": "sha256=" + hmac(secret, body, "hex") } });
add("generic-capitals", "generic", { secret, header: "X-Sig", encoding: "hex", headers: { "X-Sig": hmac(secret, body, "hex").toUpperCase() } });
add("generic-base64", "generic", { secret, header: "X-Sig", encoding: "base64", headers: { "X-Sig": hmac(secret, body, "base64") } });

for (const one of made) one.body ??= body;
console.log(JSON.stringify(made));
