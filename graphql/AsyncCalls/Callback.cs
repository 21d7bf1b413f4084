using DeployCard.Contracts.Callbacks;

namespace DeployCard.GraphQL.AsyncCalls;

/// <summary>
/// Delivery state of the webhook that notifies the caller when the call has ended. Deliveries never change the call's status or result.
/// </summary>
/// <param name="Url">Receiver address that the caller gave in <c>X-Callback-Url</c>.</param>
/// <param name="DeliveredAt">Time when the receiver accepted the callback with a 2xx status; null if not delivered.</param>
/// <param name="NextDeliveryAt">Time of the next delivery attempt; null if none is scheduled. While a delivery is in progress, the latest
/// time at which it is repeated if its outcome stays unknown.</param>
/// <param name="AbandonedAt">Time when automatic delivery stopped, because the receiver returned 410 or the maximum delivery age (1 day by
/// default) was reached; null otherwise. <c>redeliverCallback</c> can still send the callback.</param>
/// <param name="Deliveries">Most recent deliveries, at most 20, oldest first.</param>
public sealed record Callback(
    Uri Url,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? NextDeliveryAt,
    DateTimeOffset? AbandonedAt,
    IReadOnlyList<Delivery> Deliveries
)
{
    internal static Callback? From(CallbackView? callback) =>
        callback is null
            ? null
            : new(
                callback.Url,
                callback.DeliveredAt,
                callback.NextDeliveryAt,
                callback.AbandonedAt,
                [
                    .. callback.Deliveries.Select(d => new Delivery(
                        d.Number,
                        d.StartedAt,
                        d.Duration,
                        d.StatusCode,
                        d.Error,
                        d.Excerpt,
                        d.IsManual
                    )),
                ]
            );
}

/// <summary>One attempt to deliver a callback.</summary>
/// <param name="Number">Sequence number among all deliveries of the call, starting at 1.</param>
/// <param name="StartedAt">Time when the delivery started.</param>
/// <param name="Duration">Duration of the delivery, from start to response or failure.</param>
/// <param name="StatusCode">HTTP status code of the receiver's response; null if the receiver did not respond.</param>
/// <param name="Error">Reason why the delivery failed, in one sentence; null if it succeeded.</param>
/// <param name="ResponseExcerpt">First 1 KiB of the response body as text with control characters replaced; null if there was no
/// body.</param>
/// <param name="IsManual">Whether a user requested the delivery with <c>redeliverCallback</c>; false for automatic deliveries.</param>
public sealed record Delivery(
    int Number,
    DateTimeOffset StartedAt,
    TimeSpan Duration,
    int? StatusCode,
    string? Error,
    string? ResponseExcerpt,
    bool IsManual
);
