using System.Text.Json.Serialization;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Domain.Callbacks;

/// <summary>Stored state of the callback of a call.</summary>
public sealed record CallbackState
{
    /// <summary>Maximum number of deliveries in the history; the oldest are dropped.</summary>
    public const int MaxDeliveries = 20;

    /// <summary>URL of the receiver.</summary>
    public required Uri Url { get; init; }

    /// <summary>Number of times the call has ended: once, plus once for each manual retry.</summary>
    [JsonPropertyName("ending")]
    public int EndNumber { get; init; }

    /// <summary>Number of automatic deliveries that were attempted for the last end.</summary>
    [JsonPropertyName("tried")]
    public int AutomaticAttempts { get; init; }

    /// <summary>Number of deliveries for all ends, automatic and manual.</summary>
    [JsonPropertyName("sent")]
    public int TotalDeliveries { get; init; }

    /// <summary>
    /// Time of the next delivery, UTC. While a delivery is running, the end of its lease, after which no silo is working on the delivery.
    /// Null if no delivery is planned.
    /// </summary>
    [JsonPropertyName("nextAt")]
    public DateTimeOffset? NextDeliveryAt { get; init; }

    /// <summary>Time when the receiver accepted the callback of the last end, UTC; null if it was not accepted.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>Time when the callback of the last end was abandoned, UTC; null if it was not abandoned.</summary>
    [JsonPropertyName("gaveUpAt")]
    public DateTimeOffset? AbandonedAt { get; init; }

    /// <summary>The latest deliveries of all ends, oldest first.</summary>
    public IReadOnlyList<CallbackDelivery> Deliveries { get; init; } = [];

    /// <summary>Returns the state after the call ended: the first delivery starts, with a lease until <paramref name="lease"/>.</summary>
    internal CallbackState WithDeliveryStarted(DateTimeOffset lease) =>
        WithDeliveryReset() with
        {
            EndNumber = EndNumber + 1,
            AutomaticAttempts = 0,
            NextDeliveryAt = lease,
        };

    /// <summary>Returns the state after the call was retried: the callback is delivered again after the next end.</summary>
    internal CallbackState WithDeliveryReset() => this with { NextDeliveryAt = null, DeliveredAt = null, AbandonedAt = null };

    /// <summary>Returns the state after an automatic delivery for the last end.</summary>
    /// <param name="attempt">The delivery and its result.</param>
    /// <param name="now">Time when the result was reported, UTC.</param>
    /// <param name="deadline">Time of the last delivery, UTC.</param>
    /// <param name="random">Random number from 0 to 1 for the jitter, which spreads deliveries that failed at the same time.</param>
    internal CallbackState WithAutomaticDelivery(DeliveryAttempt attempt, DateTimeOffset now, DateTimeOffset deadline, double random)
    {
        var tried = attempt.Result.WasAttempted ? AutomaticAttempts + 1 : AutomaticAttempts;
        var next = DeliveryDecision.Decide(tried, attempt.Result, now, deadline, random);
        var updated = (attempt.Result.WasAttempted || next.NextDeliveryAt is null ? WithHistoryEntry(attempt, isManual: false) : this) with
        {
            AutomaticAttempts = tried,
        };
        // A manual delivery may have succeeded in the meantime.
        if (DeliveredAt is not null)
            return updated;
        return updated with
        {
            NextDeliveryAt = next.NextDeliveryAt,
            DeliveredAt = next.IsDelivered ? now : null,
            AbandonedAt = !next.IsDelivered && next.NextDeliveryAt is null ? now : AbandonedAt,
        };
    }

    /// <summary>Returns the state after a manual delivery for the last end. A failure changes only the history.</summary>
    internal CallbackState WithManualDelivery(DeliveryAttempt attempt, DateTimeOffset now)
    {
        var updated = WithHistoryEntry(attempt, isManual: true);
        return attempt.Result is { WasAttempted: true, Error: null }
            ? updated with
            {
                DeliveredAt = DeliveredAt ?? now,
                NextDeliveryAt = null,
                AbandonedAt = null,
            }
            : updated;
    }

    /// <summary>Returns the state with a delivery added to the history, without other changes.</summary>
    internal CallbackState WithHistoryEntry(DeliveryAttempt attempt, bool isManual)
    {
        var (startedAt, duration, result) = attempt;
        var delivery = new CallbackDelivery(
            TotalDeliveries + 1,
            startedAt,
            duration,
            result.StatusCode,
            result.Error,
            result.Excerpt,
            isManual
        );
        return this with { TotalDeliveries = TotalDeliveries + 1, Deliveries = [.. Deliveries.TakeLast(MaxDeliveries - 1), delivery] };
    }

    internal CallbackView ToView() => new(Url, DeliveredAt, NextDeliveryAt, AbandonedAt, [.. Deliveries]);
}
