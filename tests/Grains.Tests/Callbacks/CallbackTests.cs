using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Callbacks;

/// <summary>The end of a call is told to its caller, whatever that one's receiver does.</summary>
public sealed class CallbackTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly CallbackAnswer Ok = CallbackAnswer.Answered(200, "thanks");
    private static readonly CallbackAnswer Broken = CallbackAnswer.Answered(500, "broken");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task A_completed_call_is_told_once_with_its_answer()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Ok);

        var id = await Ended(name);

        var call = await Until(id, callback => callback.DeliveredAt is not null);
        var sent = Silos.CallbackSender.To(Host(name)).ShouldHaveSingleItem().Message;
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
    public async Task A_call_without_an_address_tells_nobody()
    {
        var name = await Deployed();
        var id = await Accept(name);

        (await UntilEnded(id, Step)).Callback.ShouldBeNull();

        Error(await Call(id).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NoCallback);
    }

    [Fact]
    public async Task A_failed_and_a_canceled_call_tell_it_too()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await AcceptTold(name);

        Value(await Call(id).Cancel(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null);
        var sent = Silos.CallbackSender.To(Host(name)).ShouldHaveSingleItem().Message;
        (sent.Call.Status, sent.Call.ErrorCode, sent.Result).ShouldBe((CallStatus.Error, CallErrorCode.Canceled, null));
    }

    [Fact]
    public async Task The_end_of_a_call_does_not_wait_for_its_receiver()
    {
        var name = await Deployed();
        Silos.CallbackSender.Hang(Host(name));

        var id = await Ended(name);

        await Silos.Until(() => Silos.CallbackSender.To(Host(name)).Count == 1);
        (await Call(id).GetResult()).ShouldNotBeNull();
        (await CallView(id)).Callback!.DeliveredAt.ShouldBeNull();
        Silos.CallbackSender.To(Host(name))[0].End(Ok);
        await Until(id, callback => callback.DeliveredAt is not null);
    }

    [Fact]
    public async Task A_failed_delivery_is_repeated_with_the_same_id_and_the_call_stays_as_it_is()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken, CallbackAnswer.Failed("No answer."), Ok);
        var id = await Ended(name);

        var call = await Until(id, callback => callback.DeliveredAt is not null, Second);

        call.Status.ShouldBe(CallStatus.Completed);
        call.ResultStatusCode.ShouldBe(200);
        Silos.CallbackSender.To(Host(name)).Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-1", $"{id}-1"]);
        var deliveries = call.Callback!.Deliveries;
        deliveries.Select(d => (d.Number, d.StatusCode)).ShouldBe([(1, 500), (2, null), (3, 200)]);
        (deliveries[1].At - deliveries[0].At).ShouldBeInRange(TimeSpan.FromSeconds(4.5), TimeSpan.FromSeconds(10));
        (deliveries[2].At - deliveries[1].At).ShouldBeInRange(TimeSpan.FromSeconds(27), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public async Task A_receiver_that_never_takes_it_is_given_up_after_a_day_and_the_result_is_kept()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken);
        var id = await Ended(name);

        var call = await Until(id, callback => callback.AbandonedAt is not null, TimeSpan.FromMinutes(10));

        call.Callback!.NextDeliveryAt.ShouldBeNull();
        call.Callback.DeliveredAt.ShouldBeNull();
        (call.Callback.AbandonedAt - call.EndedAt)!.Value.ShouldBeInRange(TimeSpan.FromHours(24), TimeSpan.FromHours(25));
        call.Callback.Deliveries.Count.ShouldBeInRange(11, 13);
        call.Status.ShouldBe(CallStatus.Completed);
        (await Call(id).GetResult()).ShouldNotBeNull();
        (call.PurgeAt - call.EndedAt).ShouldBe(TimeSpan.FromDays(3));
    }

    [Fact]
    public async Task The_removal_is_told_at_its_own_time_and_not_at_that_of_the_next_delivery()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken);
        var id = await Ended(name, CallLimits.Default with { Retention = TimeSpan.FromHours(5) });

        var call = await Until(id, callback => callback is { NextDeliveryAt: not null, Deliveries.Count: > 0 });

        call.PurgeAt.ShouldBe(call.EndedAt + TimeSpan.FromHours(5));
        (
            await Silos.Count(
                "AsyncCallIndex WHERE id = @id AND dueAt < @at",
                ("@id", id.Value),
                ("@at", Stored(call.EndedAt!.Value.AddHours(1)))
            )
        ).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_whose_retention_ends_goes_with_its_pending_delivery()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken);
        var id = await Ended(name, CallLimits.Default with { Retention = TimeSpan.FromMinutes(10) });
        await Until(id, callback => callback.Deliveries.Count > 0);

        await Silos.Until(async () => await Call(id).Get() is null, TimeSpan.FromMinutes(1));

        (await Silos.Count("AsyncCallIndex WHERE id = @id", ("@id", id.Value))).ShouldBe(0);
        var sent = Silos.CallbackSender.To(Host(name)).Count;
        await Silos.Pass(TimeSpan.FromHours(3));
        Silos.CallbackSender.To(Host(name)).Count.ShouldBe(sent);
    }

    [Fact]
    public async Task An_overloaded_receiver_is_left_alone_for_as_long_as_it_asks()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), CallbackAnswer.Answered(429, null, TimeSpan.FromHours(1)), Ok);
        var id = await Ended(name);
        await Until(id, callback => callback.Deliveries.Count == 1);

        await Silos.Pass(TimeSpan.FromMinutes(55));
        Silos.CallbackSender.To(Host(name)).Count.ShouldBe(1);

        await Until(id, callback => callback.DeliveredAt is not null, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_is_told_no_more()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), CallbackAnswer.Answered(410));
        var id = await Ended(name);

        (await Until(id, callback => callback.AbandonedAt is not null)).Callback!.NextDeliveryAt.ShouldBeNull();

        await Silos.Pass(TimeSpan.FromHours(2));
        Silos.CallbackSender.To(Host(name)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Sent_again_by_a_person_it_is_delivered_at_once_and_that_is_noted()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken, Ok);
        var id = await Ended(name);
        await Until(id, callback => callback.Deliveries.Count == 1);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        call.Callback!.DeliveredAt.ShouldNotBeNull();
        call.Callback.NextDeliveryAt.ShouldBeNull();
        call.Callback.Deliveries.Select(d => (d.StatusCode, d.IsManual)).ShouldBe([(500, false), (200, true)]);
        Silos.CallbackSender.To(Host(name)).Select(sent => sent.Message.Id).Distinct().ShouldHaveSingleItem();
        await Silos.Pass(TimeSpan.FromHours(1));
        Silos.CallbackSender.To(Host(name)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Sent_again_in_vain_it_changes_nothing_of_what_was_to_come()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Broken, CallbackAnswer.Answered(410), Ok);
        var id = await Ended(name);
        var before = await Until(id, callback => callback.Deliveries.Count == 1);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        (call.Callback!.NextDeliveryAt, call.Callback.AbandonedAt).ShouldBe((before.Callback!.NextDeliveryAt, null));
        await Until(id, callback => callback.DeliveredAt is not null, Second);
    }

    [Fact]
    public async Task What_was_delivered_stays_so_when_it_is_sent_again_in_vain()
    {
        var name = await Deployed();
        Silos.CallbackSender.Answers(Host(name), Ok, Broken);
        var id = await Ended(name);
        var before = await Until(id, callback => callback.DeliveredAt is not null);

        var call = Value(await Call(id).RedeliverCallback(Anna, Token));

        (call.Callback!.DeliveredAt, call.Callback.NextDeliveryAt).ShouldBe((before.Callback!.DeliveredAt, null));
        call.Callback.Deliveries.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_that_has_not_ended_has_nothing_to_send()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await AcceptTold(name);

        Error(await Call(id).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NotEnded);
        Error(await Call(CallId.New(Silos.Clock.GetUtcNow())).RedeliverCallback(Anna, Token)).Code.ShouldBe(ErrorCodes.NotFound);
        (await CallView(id)).Callback.ShouldNotBeNull().Deliveries.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_call_that_is_run_again_tells_its_new_end_under_a_new_id()
    {
        var name = await Deployed();
        Silos.Caller.Answers(name, PodAnswer.Failed(CallErrorCode.ResultTooLarge, "too large"), ScriptedPodCaller.Answer());
        Silos.CallbackSender.Answers(Host(name), Broken, Ok);
        var id = await Ended(name, expected: CallStatus.Error);
        await Until(id, callback => callback.Deliveries.Count == 1);

        Value(await Call(id).Retry(Anna, Token)).Callback!.NextDeliveryAt.ShouldBeNull();

        var call = await Until(id, callback => callback.DeliveredAt is not null, Step);
        call.Status.ShouldBe(CallStatus.Completed);
        Silos.CallbackSender.To(Host(name)).Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-2"]);
    }

    [Fact]
    public async Task A_late_word_of_an_earlier_end_is_remembered_and_settles_nothing()
    {
        var name = await Deployed();
        Silos.Caller.Answers(name, PodAnswer.Failed(CallErrorCode.ResultTooLarge, "too large"));
        Silos.CallbackSender.Hang(Host(name));
        var id = await Ended(name, expected: CallStatus.Error);
        await Silos.Until(() => Silos.CallbackSender.To(Host(name)).Count == 1);
        Silos.Caller.Hang(name);
        Value(await Call(id).Retry(Anna, Token));

        Silos.CallbackSender.To(Host(name))[0].End(Ok);

        var call = await Until(id, callback => callback.Deliveries.Count == 1);
        call.Status.ShouldBe(CallStatus.Queued);
        call.Callback!.DeliveredAt.ShouldBeNull();
    }

    [Fact]
    public async Task Only_the_last_twenty_deliveries_are_remembered()
    {
        var name = await Deployed();
        var id = await Ended(name);
        await Until(id, callback => callback.DeliveredAt is not null);

        for (var i = 0; i < 21; i++)
            Value(await Call(id).RedeliverCallback(Anna, Token));

        (await CallView(id)).Callback!.Deliveries.Select(d => d.Number).ShouldBe(Enumerable.Range(3, 20));
    }

    [Fact]
    public async Task Without_a_secret_it_waits_for_one()
    {
        var name = await Deployed();
        var secret = (await View(name)).WebhookSecrets.Single();
        Value(await Silos.Deployment(name).RevokeWebhookSecret(secret.Id, Anna, Token));
        var id = await Ended(name);
        (await Until(id, callback => callback.Deliveries.Count > 0))
            .Callback!.Deliveries[0]
            .Error.ShouldNotBeNull()
            .ShouldContain("createWebhookSecret");
        Silos.CallbackSender.To(Host(name)).ShouldBeEmpty();

        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null, Second);
    }

    [Fact]
    public async Task The_calls_of_a_deployment_that_is_deleted_tell_that()
    {
        var name = await Deployed();
        Silos.Caller.Hang(name);
        var id = await AcceptTold(name);

        Value(await Silos.Deployment(name).Delete(Anna, Token));

        await Until(id, callback => callback.DeliveredAt is not null, Step);
        Silos.CallbackSender.To(Host(name)).ShouldHaveSingleItem().Message.Call.ErrorCode.ShouldBe(CallErrorCode.DeploymentDeleted);
    }

    private static string Host(string name) => $"{name}.example";

    private static Uri Url(string name) => new($"https://{Host(name)}/done?x=1");

    private static string Stored(DateTimeOffset time) => Grains.Storage.StorageTime.ToText(time);

    /// <summary>A deployment with a ready pod and a webhook secret.</summary>
    private async Task<string> Deployed()
    {
        var name = NewName();
        await CreateReady(name, "1-1");
        Value(await Silos.Deployment(name).CreateWebhookSecret(Anna, Token));
        return name;
    }

    private Task<CallId> AcceptTold(string name, CallLimits? limits = null) => Accept(name, limits, Url(name));

    private async Task<CallId> Ended(string name, CallLimits? limits = null, CallStatus expected = CallStatus.Completed)
    {
        var id = await AcceptTold(name, limits);
        (await UntilEnded(id, Step)).Status.ShouldBe(expected);
        return id;
    }

    private Task<CallView> Until(CallId id, Func<CallbackView, bool> seen, TimeSpan? step = null) =>
        Silos.Until(() => CallView(id), call => seen(call.Callback!), step);
}

/// <summary>What becomes of callbacks when silos end: each test has silos of its own.</summary>
public sealed class CallbackAcrossRestartTests : SiloTest, IAsyncLifetime
{
    public CallbackAcrossRestartTests()
        : base(new TestSilos()) { }

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delivery_that_was_under_way_when_the_silos_ended_is_made_after_their_start(bool isCrash)
    {
        Silos.CallbackSender.Hang("hooks.example");
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var id = await Accept("iris", callback: new("https://hooks.example/"));
        await UntilEnded(id, Second);
        await Silos.Until(() => Silos.CallbackSender.To("hooks.example").Count == 1);

        void Recover() => Silos.CallbackSender.Answers("hooks.example", CallbackAnswer.Answered(200));
        await (isCrash ? Silos.Crash(Recover) : Silos.Restart(Recover));

        // Nobody asks for the call: it is found in the index.
        await Silos.Until(() => Silos.CallbackSender.To("hooks.example").Count == 2, Second);
        Silos.CallbackSender.To("hooks.example").Select(sent => sent.Message.Id).ShouldBe([$"{id}-1", $"{id}-1"]);
        await Silos.Until(() => CallView(id), call => call.Callback!.DeliveredAt is not null);
    }

    [Fact]
    public async Task The_day_of_a_receiver_that_is_away_goes_on_while_no_silo_runs()
    {
        Silos.CallbackSender.Answers("hooks.example", CallbackAnswer.Failed("away"));
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var id = await Accept("iris", callback: new("https://hooks.example/"));
        await Silos.Until(() => CallView(id), call => call.Callback!.Deliveries.Count > 0, TimeSpan.FromMilliseconds(100));

        await Silos.Restart(() => Silos.Clock.Advance(TimeSpan.FromDays(2)));

        // Once more, since the outage was ours; then never.
        var call = await Silos.Until(() => CallView(id), call => call.Callback!.AbandonedAt is not null, Second);
        call.Callback!.Deliveries.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Many_callbacks_that_are_due_to_a_slow_receiver_hold_up_nothing_else_that_is()
    {
        Silos.CallbackSender.Answers("hooks.example", CallbackAnswer.Failed("away"));
        await CreateReady("iris", "1-1");
        Value(await Silos.Deployment("iris").CreateWebhookSecret(Anna, Token));
        var told = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => Accept("iris", callback: new("https://hooks.example/"))));
        foreach (var id in told)
            await Silos.Until(() => CallView(id), call => call.Callback!.Deliveries.Count > 0);
        var plain = await Accept("iris", CallLimits.Default with { Retention = TimeSpan.FromHours(1) });
        await UntilEnded(plain);

        // Longer due than the removal, more than one look at the index finds, and each is under way for as long as its receiver likes.
        await Silos.Restart(() =>
        {
            Silos.CallbackSender.Hang("hooks.example");
            Silos.Clock.Advance(TimeSpan.FromHours(2));
        });

        await Silos.Until(async () => await Silos.Count("AsyncCallIndex WHERE id = @id", ("@id", plain.Value)) == 0);
        (await Silos.Count("AsyncCallIndex WHERE deployment = 'iris'")).ShouldBe(150);
    }
}
