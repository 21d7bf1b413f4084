using System.Text.Json.Serialization;
namespace DeployCard.Grains.Callbacks;

/// <summary>What is stored of the telling of a call's end.</summary>
public sealed record CallbackState
{
    /// <summary>How many deliveries are remembered, the latest ones.</summary>
    public const int MostDeliveries = 20;

    /// <summary>Where it is told.</summary>
    public required Uri Url { get; init; }

    /// <summary>How often the call has ended: once, and once more each time that it was run again.</summary>
    public int Ending { get; init; }

    /// <summary>How many deliveries of the last ending were made by themselves.</summary>
    public int Tried { get; init; }

    /// <summary>How many deliveries there were at all.</summary>
    public int Sent { get; init; }

    /// <summary>When a delivery is due, UTC. While one goes on it is the end of its lease: later than that nobody works on it any more.</summary>
    [JsonPropertyName("nextAt")]
    public DateTimeOffset? NextDeliveryAt { get; init; }

    /// <summary>When the receiver took the last ending, UTC.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When it was given up to tell the last ending, UTC.</summary>
    [JsonPropertyName("gaveUpAt")]
    public DateTimeOffset? AbandonedAt { get; init; }

    /// <summary>The latest deliveries, oldest first.</summary>
    public IReadOnlyList<CallbackDelivery> Deliveries { get; init; } = [];

    /// <summary>The call has ended: that is to be told, and whoever does so has the time until <paramref name="lease"/>.</summary>
    internal CallbackState Begun(DateTimeOffset lease) => Rested() with { Ending = Ending + 1, Tried = 0, NextDeliveryAt = lease };

    /// <summary>The call is run again: its next end will be told.</summary>
    internal CallbackState Rested() => this with { NextDeliveryAt = null, DeliveredAt = null, AbandonedAt = null };

    /// <summary>With what came of a delivery by itself of the last ending.</summary>
    /// <param name="made">The delivery.</param>
    /// <param name="now">UTC.</param>
    /// <param name="deadline">When it is tried for the last time, UTC.</param>
    /// <param name="random">0 to 1, spreads what failed together.</param>
    internal CallbackState With(CallbackTry made, DateTimeOffset now, DateTimeOffset deadline, double random)
    {
        var tried = made.Answer.WasTried ? Tried + 1 : Tried;
        var next = CallbackSchedule.After(tried, made.Answer, now, deadline, random);
        var told = (made.Answer.WasTried || next.NextAt is null ? WithDelivery(made, isManual: false) : this) with { Tried = tried };
        // A person may have been faster.
        if (DeliveredAt is not null)
            return told;
        return told with
        {
            NextDeliveryAt = next.NextAt,
            DeliveredAt = next.IsDelivered ? now : null,
            AbandonedAt = !next.IsDelivered && next.NextAt is null ? now : AbandonedAt,
        };
    }

    /// <summary>With what came of a delivery of the last ending that a person asked for: it can only do good.</summary>
    internal CallbackState WithManual(CallbackTry made, DateTimeOffset now)
    {
        var told = WithDelivery(made, isManual: true);
        return made.Answer is { WasTried: true, Error: null }
            ? told with
            {
                DeliveredAt = DeliveredAt ?? now,
                NextDeliveryAt = null,
                AbandonedAt = null,
            }
            : told;
    }

    /// <summary>With a delivery that changes nothing any more.</summary>
    internal CallbackState WithDelivery(CallbackTry made, bool isManual)
    {
        var (at, duration, answer) = made;
        var delivery = new CallbackDelivery(Sent + 1, at, duration, answer.StatusCode, answer.Error, answer.Excerpt, isManual);
        return this with { Sent = Sent + 1, Deliveries = [.. Deliveries.TakeLast(MostDeliveries - 1), delivery] };
    }

    internal CallbackView View() => new(Url, DeliveredAt, NextDeliveryAt, AbandonedAt, Deliveries);
}
