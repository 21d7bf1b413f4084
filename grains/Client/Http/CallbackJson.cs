using DeployCard.Contracts.Callbacks;

namespace DeployCard.Client.Http;

/// <summary>
/// A callback in the response of <c>GET /calls/{id}</c>. Excerpts of receivers' responses are shown only on the card: otherwise anyone with
/// an API key could read responses from hosts that only the silo can reach.
/// </summary>
/// <param name="Url">Address of the receiver.</param>
/// <param name="DeliveredAt">Time of the successful delivery, UTC; null before it.</param>
/// <param name="NextDeliveryAt">Time of the next delivery, UTC; null if none is due.</param>
/// <param name="AbandonedAt">Time when deliveries were given up, UTC; null if they were not.</param>
/// <param name="Deliveries">The deliveries, oldest first.</param>
public sealed record CallbackJson(
    string Url,
    DateTimeOffset? DeliveredAt,
    DateTimeOffset? NextDeliveryAt,
    DateTimeOffset? AbandonedAt,
    IReadOnlyList<DeliveryJson> Deliveries
)
{
    /// <summary>Creates the document of a callback; null if the call has none.</summary>
    public static CallbackJson? From(CallbackView? callback) =>
        callback is null
            ? null
            : new(
                callback.Url.OriginalString,
                callback.DeliveredAt,
                callback.NextDeliveryAt,
                callback.AbandonedAt,
                [
                    .. callback.Deliveries.Select(d => new DeliveryJson(
                        d.Number,
                        d.StartedAt,
                        (long)d.Duration.TotalMilliseconds,
                        d.StatusCode,
                        d.Error,
                        d.IsManual
                    )),
                ]
            );
}

/// <summary>A delivery of a callback, without the excerpt of its response.</summary>
/// <param name="Number">Number of the delivery, from 1.</param>
/// <param name="StartedAt">Time when the delivery started, UTC.</param>
/// <param name="DurationMs">Duration of the delivery in milliseconds.</param>
/// <param name="StatusCode">HTTP status code of the receiver; null if it did not respond.</param>
/// <param name="Error">Description of the error; null if the delivery succeeded.</param>
/// <param name="IsManual">Whether a user requested the delivery.</param>
public sealed record DeliveryJson(int Number, DateTimeOffset StartedAt, long DurationMs, int? StatusCode, string? Error, bool IsManual);
