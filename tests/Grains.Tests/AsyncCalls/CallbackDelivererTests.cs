using DeployCard.Contracts.Callbacks;
using DeployCard.Domain.Callbacks;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallbackDelivererTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly CallParts parts = new(queued => CallParts.Ended(queued, CallParts.Start));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private CallbackState Callback => parts.Call.State.Callback!;

    public void Dispose() => parts.Dispose();

    [Fact]
    public async Task Lease_of_a_due_delivery_is_stored_before_the_delivery_starts()
    {
        DateTimeOffset? lease = null;
        parts.Sender.Script(
            CallParts.Host,
            _ =>
            {
                lease = parts.Stored.Writes.LastOrDefault()?.Callback?.NextDeliveryAt;
                return Task.FromResult(DeliveryResult.FromResponse(200));
            }
        );

        await parts.Callbacks.StartIfDue(Token);

        lease.ShouldBe(CallParts.Start + parts.Callbacks.LeaseDuration);
        (Callback.DeliveredAt, Callback.NextDeliveryAt).ShouldBe((CallParts.Start, null));
    }

    [Fact]
    public async Task Delivery_whose_lease_cannot_be_stored_does_not_start()
    {
        parts.FailWrites();

        await Should.ThrowAsync<IOException>(() => parts.Callbacks.StartIfDue(Token));

        parts.Sender.DeliveriesTo(CallParts.Host).ShouldBeEmpty();
    }

    [Fact]
    public async Task Running_delivery_is_not_started_again()
    {
        parts.Sender.Hang(CallParts.Host);
        await parts.Callbacks.StartIfDue(Token);
        parts.Time.Advance(Long);

        await parts.Callbacks.StartIfDue(Token);

        parts.Sender.DeliveriesTo(CallParts.Host).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Request_during_a_manual_delivery_joins_that_delivery()
    {
        parts.Sender.Hang(CallParts.Host);
        var first = parts.Callbacks.Redeliver(Long, Token);
        var second = parts.Callbacks.Redeliver(Long, Token);

        parts.Sender.DeliveriesTo(CallParts.Host).ShouldHaveSingleItem().Complete(DeliveryResult.FromResponse(200));

        await Task.WhenAll(first, second);
        Callback.Deliveries.ShouldHaveSingleItem().IsManual.ShouldBeTrue();
    }

    [Fact]
    public async Task Manual_delivery_continues_after_the_wait_for_it()
    {
        parts.Sender.Hang(CallParts.Host);
        var wait = parts.Callbacks.Redeliver(TimeSpan.FromSeconds(10), Token);
        parts.Time.Advance(TimeSpan.FromSeconds(10));
        await wait;
        Callback.Deliveries.ShouldBeEmpty();

        var joined = parts.Callbacks.Redeliver(Long, Token);
        parts.Sender.DeliveriesTo(CallParts.Host).ShouldHaveSingleItem().Complete(DeliveryResult.FromResponse(200));
        await joined;

        Callback.DeliveredAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Delivery_for_an_earlier_end_changes_only_the_history()
    {
        var delivered = new DeliveryAttempt(CallParts.Start, TimeSpan.Zero, DeliveryResult.FromResponse(200));

        await parts.Callbacks.Complete(0, false, delivered);

        Callback.Deliveries.ShouldHaveSingleItem();
        (Callback.DeliveredAt, Callback.NextDeliveryAt).ShouldBe((null, CallParts.Start));
    }
}
