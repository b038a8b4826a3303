/**
 * What happens to orders. Each event is announced by its own topic and by `orders/updated`; where money moved,
 * the customer's totals follow, and where goods moved, the stock.
 */
import type { LineItem, Order, Refund } from '../model.ts';
import { parseAmount } from '../money.ts';
import { cancelReasons, orderNotes } from '../population/catalogue.ts';
import { grown, refundDetails, returned } from '../population/lifetimes.ts';
import { newLineOf, newOrder } from '../population/orders.ts';
import { fulfillmentBody } from '../webhooks/payloads/fulfillment.ts';
import { orderBody, orderEditBody } from '../webhooks/payloads/order.ts';
import { deleteBody } from '../webhooks/payloads/product.ts';
import { refundBody, transactionOf } from '../webhooks/payloads/refund.ts';
import { transactionBody } from '../webhooks/payloads/transaction.ts';
import type { Topic } from '../webhooks/topics.ts';
import { recount } from './customers.ts';
import { archive, cancel, edit, fulfil, goodwill, pay, refund, touch } from './order-steps.ts';
import type { Stage, Subject } from './stage.ts';
import { moveStock } from './stock.ts';

const DAY_MS = 86_400_000;

const subject = (order: Order): Subject => ({ kind: 'orders', id: order.id });
const isOpen = (order: Order) => order.cancelledAt === null;
const isPaid = (order: Order) => amount(order.netPaymentSet.shopMoney) > 0n;
const hasLeft = (order: Order) => order.lineItems.some((line) => line.currentQuantity > 0);
const amount = (money: { readonly amount: string }) => parseAmount(money.amount);

/** Puts the order as it is now and announces it under each topic. */
function put(stage: Stage, order: Order, ...topics: readonly Topic[]): Subject {
  stage.shop.orders.put(order);
  for (const topic of topics) stage.announce(topic, orderBody(stage.shop, order));
  return subject(order);
}

export function createOrder(stage: Stage): Subject {
  const { shop, random, ledger, at } = stage;
  const customer = random.chance(0.9) ? stage.chooseAnother('customers', () => true) : null;
  const lineCount = random.chance(0.6) ? 1 : random.between(2, 6);
  const number = ledger.nextOrderNumber();
  const placed = newOrder(shop, random, { at, number, customer, lineCount, orphans: 0 });
  const paid = random.chance(0.8);
  const order = paid ? { ...pay(placed, at), updatedAt: at } : placed;
  const done = put(stage, order, 'orders/create');
  ledger.add(order);
  if (paid) announcePayment(stage, order, 'orders/paid');
  recount(stage, order.customerGid);
  moveStock(stage, order.lineItems, -1);
  return done;
}

function announcePayment(stage: Stage, order: Order, topic: Topic): void {
  const id = order.id.replace('/Order/', '/OrderTransaction/');
  const sale = { id, kind: 'sale', amountSet: order.totalReceivedSet, at: stage.at } as const;
  stage.announce(topic, orderBody(stage.shop, order));
  stage.announce('order_transactions/create', transactionBody(stage.shop, order, sale));
}

export function payOrder(stage: Stage): Subject | null {
  const owed = (order: Order) => isOpen(order) && amount(order.totalOutstandingSet.shopMoney) > 0n;
  const order = stage.choose('orders', owed);
  if (!order) return null;
  const paid = pay(order, stage.at);
  const done = put(stage, paid, 'orders/updated');
  announcePayment(stage, paid, 'orders/paid');
  recount(stage, paid.customerGid);
  return done;
}

export function fulfilOrder(stage: Stage): Subject | null {
  const unsent = (order: Order) => isOpen(order) && order.displayFulfillmentStatus !== 'FULFILLED';
  const order = stage.choose('orders', unsent);
  if (!order) return null;
  const whole = order.displayFulfillmentStatus === 'PARTIALLY_FULFILLED' || stage.random.chance(0.8);
  const sent = fulfil(order, whole, stage.at);
  const done = put(stage, sent, whole ? 'orders/fulfilled' : 'orders/partially_fulfilled', 'orders/updated');
  stage.announce('fulfillments/create', fulfillmentBody(stage.shop, sent));
  return done;
}

/** A line more, or one more of a line; while nothing is paid, a line may also go. */
export function editOrder(stage: Stage): Subject | null {
  const order = stage.choose('orders', (one) => isOpen(one) && one.lineItems.length > 0);
  if (!order) return null;
  const { shop, at } = stage;
  const edited = edit(order, editedLines(stage, order), at);
  const done = put(stage, edited, 'orders/updated');
  const editGid = `gid://shopify/OrderEdit/${shop.nextId()}`;
  stage.announce('orders/edited', orderEditBody(shop, order, edited, editGid));
  moveStock(stage, gained(order, edited), -1);
  return done;
}

function editedLines({ shop, random }: Stage, order: Order): readonly LineItem[] {
  const left = order.lineItems.filter((line) => line.currentQuantity > 0);
  if (!isPaid(order) && left.length > 1 && random.chance(0.3)) {
    const dropped = random.pick(left);
    return order.lineItems.map((line) => (line === dropped ? { ...line, currentQuantity: 0 } : line));
  }
  if (random.chance(0.5)) return grown(order);
  const { currencyCode, presentmentCurrencyCode } = order;
  const plan = { currencyCode, presentmentCurrencyCode, quantity: 1, ownPercent: 0n, codePercent: 0n };
  return [...order.lineItems, newLineOf(shop, random, plan)];
}

/** The lines of an edit that take from the stock, with how much. */
function gained(before: Order, after: Order): LineItem[] {
  const quantities = new Map(before.lineItems.map((line) => [line.id, line.quantity]));
  return after.lineItems.flatMap((line) => {
    const quantity = line.quantity - (quantities.get(line.id) ?? 0);
    return quantity > 0 ? [{ ...line, quantity }] : [];
  });
}

/** The merchant writes a note or a tag. */
export function annotateOrder(stage: Stage): Subject | null {
  return annotate(stage, () => true);
}

/** The same on an order that an app without `read_all_orders` cannot see. */
export function touchOldOrder(stage: Stage): Subject | null {
  return annotate(stage, (order) => order.createdAt < stage.at - 60 * DAY_MS);
}

function annotate(stage: Stage, fits: (order: Order) => boolean): Subject | null {
  const order = stage.choose('orders', fits);
  if (!order) return null;
  const { random, at } = stage;
  const note = random.chance(0.2) ? null : `${random.pick(orderNotes)} ${random.digits(3)}`;
  const change = random.chance(0.5)
    ? { note }
    : { tags: [...order.tags.slice(-3), `確認-${random.digits(3)}`] };
  return put(stage, touch(order, at, change), 'orders/updated');
}

export function archiveOrder(stage: Stage): Subject | null {
  const order = stage.choose('orders', (one) => !one.closed);
  return order && put(stage, archive(order, stage.at), 'orders/updated');
}

export function cancelOrder(stage: Stage): Subject | null {
  const { shop, random, at } = stage;
  const order = stage.choose(
    'orders',
    (one) => isOpen(one) && one.displayFulfillmentStatus === 'UNFULFILLED',
  );
  if (!order) return null;
  const reason = random.pick(cancelReasons);
  const cancelled = cancel(order, reason, refundDetails(shop, random, 'CANCEL'), at);
  const done = put(stage, cancelled, 'orders/cancelled', 'orders/updated');
  afterRefund(stage, cancelled);
  return done;
}

export function refundOrder(stage: Stage): Subject | null {
  const { shop, random, at } = stage;
  const order = stage.choose('orders', (one) => isOpen(one) && isPaid(one) && hasLeft(one));
  if (!order) return null;
  const details = (restockType: string) => refundDetails(shop, random, restockType);
  const refunded = random.chance(0.1)
    ? goodwill(order, 15n, details('NO_RESTOCK'), at)
    : refund(
        order,
        returned(order, random, random.chance(0.3)),
        details(random.pick(['RETURN', 'NO_RESTOCK'])),
        at,
      );
  const done = put(stage, refunded, 'orders/updated');
  afterRefund(stage, refunded);
  return done;
}

/** What follows from the newest refund of an order. */
function afterRefund(stage: Stage, order: Order): void {
  const made = order.refunds.at(-1);
  if (!made) return;
  const { shop } = stage;
  stage.announce('refunds/create', refundBody(shop, order, made));
  if (amount(made.totalRefundedSet.shopMoney) > 0n) {
    stage.announce('order_transactions/create', transactionBody(shop, order, transactionOf(made)));
  }
  recount(stage, order.customerGid);
  moveStock(stage, restocked(order, made), 1);
}

function restocked(order: Order, { refundLineItems }: Refund): LineItem[] {
  return refundLineItems.flatMap(({ lineItemGid, quantity, restocked: back }) => {
    const line = order.lineItems.find(({ id }) => id === lineItemGid);
    return line && back ? [{ ...line, quantity }] : [];
  });
}

/** Shopify deletes only orders that are cancelled or archived. */
export function deleteOrder(stage: Stage): Subject | null {
  const order = stage.choose('orders', (one) => one.cancelledAt !== null || one.closed);
  if (!order) return null;
  stage.shop.orders.delete(order.id);
  stage.ledger.remove(order);
  stage.announce('orders/delete', deleteBody(order));
  recount(stage, order.customerGid);
  return subject(order);
}
