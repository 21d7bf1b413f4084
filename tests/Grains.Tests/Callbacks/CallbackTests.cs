using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Storage.Sql;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Callbacks;

/// <summary>Tests of callback deliveries with working, failing and unresponsive receivers.</summary>
public sealed class CallbackTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly DeliveryResult Ok = DeliveryResult.FromResponse(200, "thanks");
    private static readonly DeliveryResult Broken = DeliveryResult.FromResponse(500, "broken");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Completed_call_is_delivered_once_with_its_result()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Ok);

        var id = await RunToEnd(name);

        var call = await Until(id, callback => callback.DeliveredAt is not null);
        var sent = Silos.CallbackSender.DeliveriesTo(Host(name)).ShouldHaveSingleItem().Message;
        sent.Id.ShouldBe($"{id}-1");
        sent.Url.ShouldBe(Url(name));
        sent.Call.Status.ShouldBe(CallStatus.Completed);
        sent.Result.ShouldNotBeNull().Body!.Inline.ShouldBe("ok"u8.ToArray());
        sent.SecretIds.ShouldBe((await View(name)).WebhookSecrets.Select(secret => secret.Id));
        call.Callback!.NextDeliveryAt.ShouldBeNull();
        var delivery = call.Callback.Deliveries.ShouldHaveSingleItem();
        (delivery.Number, delivery.StatusCode, delivery.Excerpt, delivery.Error, delivery.IsManual).ShouldBe(
            (1, 200, "thanks", null, false)
        );
    }

    [Fact]
    public async Task Call_without_a_callback_url_is_not_delivered()
    {
        var name = await CreateDeployment();
        var id = await AcceptCall(name);

        (await UntilEnded(id, Step)).Callback.ShouldBeNull();

        Error(await Call(id).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NoCallback);
    }

    [Fact]
    public async Task Canceled_call_is_delivered_with_its_error()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptWithCallback(name);

        Value(await Call(id).Cancel(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null);
        var sent = Silos.CallbackSender.DeliveriesTo(Host(name)).ShouldHaveSingleItem().Message;
        (sent.Call.Status, sent.Call.ErrorCode, sent.Result).ShouldBe((CallStatus.Error, CallErrorCode.Canceled, null));
    }

    [Fact]
    public async Task Call_ends_without_waiting_for_its_receiver()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.Hang(Host(name));

        var id = await RunToEnd(name);

        await Silos.Until(() => Silos.CallbackSender.DeliveriesTo(Host(name)).Count == 1);
        (await Call(id).GetResult()).ShouldNotBeNull();
        (await CallView(id)).Callback!.DeliveredAt.ShouldBeNull();
        Silos.CallbackSender.DeliveriesTo(Host(name))[0].Complete(Ok);
        await Until(id, callback => callback.DeliveredAt is not null);
    }

    [Fact]
    public async Task Failed_delivery_is_retried_with_the_same_id_and_does_not_change_the_call()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken, DeliveryResult.Failed("no response"), Ok);
        var id = await RunToEnd(name);

        var call = await Until(id, callback => callback.DeliveredAt is not null, Second);

        call.Status.ShouldBe(CallStatus.Completed);
        call.ResultStatusCode.ShouldBe(200);
        Silos.CallbackSender.DeliveriesTo(Host(name)).Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-1", $"{id}-1"]);
        var deliveries = call.Callback!.Deliveries;
        deliveries.Select(d => (d.Number, d.StatusCode)).ShouldBe([(1, 500), (2, null), (3, 200)]);
        (deliveries[1].StartedAt - deliveries[0].StartedAt).ShouldBeInRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(10));
        (deliveries[2].StartedAt - deliveries[1].StartedAt).ShouldBeInRange(TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task Callback_that_keeps_failing_is_abandoned_after_a_day_and_keeps_the_result()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken);
        var id = await RunToEnd(name);

        var call = await Silos.UntilDue(
            () => CallView(id),
            waiting => waiting.Callback!.NextDeliveryAt,
            waiting => waiting.Callback!.AbandonedAt is not null
        );

        call.Callback!.NextDeliveryAt.ShouldBeNull();
        call.Callback.DeliveredAt.ShouldBeNull();
        (call.Callback.AbandonedAt - call.EndedAt)!.Value.ShouldBeInRange(TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        call.Callback.Deliveries.Count.ShouldBeInRange(11, 13);
        call.Status.ShouldBe(CallStatus.Completed);
        (await Call(id).GetResult()).ShouldNotBeNull();
        (call.PurgeAt - call.EndedAt).ShouldBe(TimeSpan.FromDays(3));
    }

    [Fact]
    public async Task Purge_time_is_not_changed_by_the_next_delivery()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken);
        var id = await RunToEnd(name, CallLimits.Default with { Retention = TimeSpan.FromHours(5) });

        var call = await Until(id, callback => callback is { NextDeliveryAt: not null, Deliveries.Count: > 0 });

        call.PurgeAt.ShouldBe(call.EndedAt + TimeSpan.FromHours(5));
        (
            await Silos.CountRows(
                "AsyncCallIndex WHERE id = @id AND dueAt < @at",
                ("@id", id.Value),
                ("@at", Stored(call.EndedAt!.Value.AddHours(1)))
            )
        ).ShouldBe(1);
    }

    [Fact]
    public async Task Purged_call_is_removed_with_its_pending_delivery()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken);
        var id = await RunToEnd(name, CallLimits.Default with { Retention = TimeSpan.FromMinutes(10) });
        await Until(id, callback => callback.Deliveries.Count > 0);

        await Silos.Until(async () => await Call(id).Get() is null, TimeSpan.FromMinutes(1));

        (await Silos.CountRows("AsyncCallIndex WHERE id = @id", ("@id", id.Value))).ShouldBe(0);
        var sent = Silos.CallbackSender.DeliveriesTo(Host(name)).Count;
        await Silos.AdvanceInSteps(TimeSpan.FromHours(3));
        Silos.CallbackSender.DeliveriesTo(Host(name)).Count.ShouldBe(sent);
    }

    [Fact]
    public async Task Retry_after_of_an_overloaded_receiver_is_honored()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), DeliveryResult.FromResponse(429, null, TimeSpan.FromHours(1)), Ok);
        var id = await RunToEnd(name);
        await Until(id, callback => callback.Deliveries.Count == 1);

        await Silos.AdvanceInSteps(TimeSpan.FromMinutes(55));
        Silos.CallbackSender.DeliveriesTo(Host(name)).Count.ShouldBe(1);

        await Until(id, callback => callback.DeliveredAt is not null, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Callback_is_abandoned_after_status_410()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), DeliveryResult.FromResponse(410));
        var id = await RunToEnd(name);

        (await Until(id, callback => callback.AbandonedAt is not null)).Callback!.NextDeliveryAt.ShouldBeNull();

        await Silos.AdvanceInSteps(TimeSpan.FromHours(2));
        Silos.CallbackSender.DeliveriesTo(Host(name)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Manual_redelivery_is_sent_immediately_and_recorded_as_manual()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken, Ok);
        var id = await RunToEnd(name);
        await Until(id, callback => callback.Deliveries.Count == 1);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        call.Callback!.DeliveredAt.ShouldNotBeNull();
        call.Callback.NextDeliveryAt.ShouldBeNull();
        call.Callback.Deliveries.Select(d => (d.StatusCode, d.IsManual)).ShouldBe([(500, false), (200, true)]);
        Silos.CallbackSender.DeliveriesTo(Host(name)).Select(sent => sent.Message.Id).Distinct().ShouldHaveSingleItem();
        await Silos.AdvanceInSteps(TimeSpan.FromHours(1));
        Silos.CallbackSender.DeliveriesTo(Host(name)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Failed_manual_redelivery_does_not_change_scheduled_retries()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Broken, DeliveryResult.FromResponse(410), Ok);
        var id = await RunToEnd(name);
        var before = await Until(id, callback => callback.Deliveries.Count == 1);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        (call.Callback!.NextDeliveryAt, call.Callback.AbandonedAt).ShouldBe((before.Callback!.NextDeliveryAt, null));
        await Until(id, callback => callback.DeliveredAt is not null, Second);
    }

    [Fact]
    public async Task Delivered_callback_stays_delivered_after_a_failed_redelivery()
    {
        var name = await CreateDeployment();
        Silos.CallbackSender.RespondWith(Host(name), Ok, Broken);
        var id = await RunToEnd(name);
        var before = await Until(id, callback => callback.DeliveredAt is not null);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        (call.Callback!.DeliveredAt, call.Callback.NextDeliveryAt).ShouldBe((before.Callback!.DeliveredAt, null));
        call.Callback.Deliveries.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Open_or_missing_call_rejects_a_redelivery()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptWithCallback(name);

        Error(await Call(id).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NotEnded);
        Error(await Call(CallId.Create(Silos.Clock.GetUtcNow())).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        (await CallView(id)).Callback.ShouldNotBeNull().Deliveries.ShouldBeEmpty();
    }

    [Fact]
    public async Task Retried_call_delivers_its_new_end_under_a_new_id()
    {
        var name = await CreateDeployment();
        Silos.Caller.RespondWith(name, AttemptOutcome.Failed(CallErrorCode.ResultTooLarge, "too large"), ScriptedPodCaller.Response());
        Silos.CallbackSender.RespondWith(Host(name), Broken, Ok);
        var id = await RunToEnd(name, expected: CallStatus.Error);
        await Until(id, callback => callback.Deliveries.Count == 1);

        Value(await Call(id).Retry(Anna, Token)).Callback!.NextDeliveryAt.ShouldBeNull();

        var call = await Until(id, callback => callback.DeliveredAt is not null, Step);
        call.Status.ShouldBe(CallStatus.Completed);
        Silos.CallbackSender.DeliveriesTo(Host(name)).Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-2"]);
    }

    [Fact]
    public async Task Late_delivery_of_an_earlier_end_only_adds_to_the_history()
    {
        var name = await CreateDeployment();
        Silos.Caller.RespondWith(name, AttemptOutcome.Failed(CallErrorCode.ResultTooLarge, "too large"));
        Silos.CallbackSender.Hang(Host(name));
        var id = await RunToEnd(name, expected: CallStatus.Error);
        await Silos.Until(() => Silos.CallbackSender.DeliveriesTo(Host(name)).Count == 1);
        Silos.Caller.Hang(name);
        Value(await Call(id).Retry(Anna, Token));

        Silos.CallbackSender.DeliveriesTo(Host(name))[0].Complete(Ok);

        var call = await Until(id, callback => callback.Deliveries.Count == 1);
        call.Status.ShouldBe(CallStatus.Queued);
        call.Callback!.DeliveredAt.ShouldBeNull();
    }

    [Fact]
    public async Task History_keeps_the_last_twenty_deliveries()
    {
        var name = await CreateDeployment();
        var id = await RunToEnd(name);
        await Until(id, callback => callback.DeliveredAt is not null);

        for (var i = 0; i < 21; i++)
            Value(await Call(id).RedeliverCallback(Anna, Token));

        (await CallView(id)).Callback!.Deliveries.Select(d => d.Number).ShouldBe(Enumerable.Range(3, 20));
    }

    [Fact]
    public async Task Callback_without_a_secret_is_delivered_after_one_is_created()
    {
        var name = await CreateDeployment();
        var secret = (await View(name)).WebhookSecrets.Single();
        Value(await Silos.Deployment(name).RevokeWebhookSecret(secret.Id, Anna, Token));
        var id = await RunToEnd(name);
        (await Until(id, callback => callback.Deliveries.Count > 0))
            .Callback!.Deliveries[0]
            .Error.ShouldNotBeNull()
            .ShouldContain("createWebhookSecret");
        Silos.CallbackSender.DeliveriesTo(Host(name)).ShouldBeEmpty();

        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null, Second);
    }

    [Fact]
    public async Task Calls_of_a_deleted_deployment_deliver_that_error()
    {
        var name = await CreateDeployment();
        Silos.Caller.Hang(name);
        var id = await AcceptWithCallback(name);

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null, Step);
        Silos
            .CallbackSender.DeliveriesTo(Host(name))
            .ShouldHaveSingleItem()
            .Message.Call.ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    private static string Host(string name) => $"{name}.example";

    private static Uri Url(string name) => new($"https://{Host(name)}/done?x=1");

    private static string Stored(DateTimeOffset time) => StorageTime.ToText(time);

    /// <summary>A deployment with a ready pod and a webhook secret.</summary>
    private async Task<string> CreateDeployment()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        return name;
    }

    private Task<CallId> AcceptWithCallback(string name, CallLimits? limits = null) => AcceptCall(name, limits, Url(name));

    private async Task<CallId> RunToEnd(string name, CallLimits? limits = null, CallStatus expected = CallStatus.Completed)
    {
        var id = await AcceptWithCallback(name, limits);
        (await UntilEnded(id, Step)).Status.ShouldBe(expected);
        return id;
    }

    private Task<CallView> Until(CallId id, Func<CallbackView, bool> condition, TimeSpan? step = null) =>
        Silos.Until(() => CallView(id), call => condition(call.Callback!), step);
}

/// <summary>Tests of callbacks when silos stop or crash. Each test has its own silos.</summary>
public sealed class CallbackAcrossRestartTests() : OwnSilosTest(new TestSilos())
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delivery_interrupted_by_a_restart_is_repeated_after_the_start(bool isCrash)
    {
        Silos.CallbackSender.Hang("hooks.example");
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var id = await AcceptCall("iris", callback: new("https://hooks.example/"));
        await UntilEnded(id, Second);
        await Silos.Until(() => Silos.CallbackSender.DeliveriesTo("hooks.example").Count == 1);

        void Recover() => Silos.CallbackSender.RespondWith("hooks.example", DeliveryResult.FromResponse(200));
        await (isCrash ? Silos.Crash(Recover) : Silos.Restart(Recover));

        // No request activates the call: the sweep finds it in the index.
        await Silos.Until(() => Silos.CallbackSender.DeliveriesTo("hooks.example").Count == 2, Second);
        Silos.CallbackSender.DeliveriesTo("hooks.example").Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-1"]);
        await Silos.Until(() => CallView(id), call => call.Callback!.DeliveredAt is not null);
    }

    [Fact]
    public async Task Delivery_deadline_passes_while_no_silo_runs()
    {
        Silos.CallbackSender.RespondWith("hooks.example", DeliveryResult.Failed("unavailable"));
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var id = await AcceptCall("iris", callback: new("https://hooks.example/"));
        await Silos.Until(() => CallView(id), call => call.Callback!.Deliveries.Count > 0, TimeSpan.FromMilliseconds(100));

        await Silos.Restart(() => Silos.Clock.Advance(TimeSpan.FromDays(2)));

        // One delivery follows after the outage, since the silos caused it; then the callback is abandoned.
        var call = await Silos.Until(() => CallView(id), call => call.Callback!.AbandonedAt is not null, Second);
        call.Callback!.Deliveries.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Many_due_callbacks_to_a_slow_receiver_do_not_delay_other_due_items()
    {
        Silos.CallbackSender.RespondWith("hooks.example", DeliveryResult.Failed("unavailable"));
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var ids = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => AcceptCall("iris", callback: new("https://hooks.example/"))));
        foreach (var id in ids)
            await Silos.Until(() => CallView(id), call => call.Callback!.Deliveries.Count > 0);
        var plain = await AcceptCall("iris", CallLimits.Default with { Retention = TimeSpan.FromHours(1) });
        await UntilEnded(plain);

        // The deliveries are due before the removal, are more than one query of the index returns, and never end.
        await Silos.Restart(() =>
        {
            Silos.CallbackSender.Hang("hooks.example");
            Silos.Clock.Advance(TimeSpan.FromHours(2));
        });

        await Silos.Until(async () => await Silos.CountRows("AsyncCallIndex WHERE id = @id", ("@id", plain.Value)) == 0);
        (await Silos.CountRows("AsyncCallIndex WHERE deployment = 'iris'")).ShouldBe(150);
    }
}
