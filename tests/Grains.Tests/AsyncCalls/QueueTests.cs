using DeployCard.Client.AsyncCalls;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>Tests of the limits, the order and the status of a queue.</summary>
public sealed class QueueTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly DeploymentConfiguration Two = new() { AsyncQueueLength = 2, AsyncQueueBytes = 100 };

    [Fact]
    public async Task Queue_admits_calls_up_to_its_length_and_again_after_a_release()
    {
        var queue = Queue(NewName());

        (await queue.Admit(1, Two)).ShouldBeNull();
        (await queue.Admit(1, Two)).ShouldBeNull();
        (await queue.Admit(1, Two)).ShouldBe(new(2, 2, 2, 100));
        await queue.Release(1);

        await Silos.Until(async () => await queue.Admit(1, Two) is null);
    }

    [Fact]
    public async Task Queue_admits_bodies_up_to_its_size_in_bytes()
    {
        var queue = Queue(NewName());

        (await queue.Admit(60, Two)).ShouldBeNull();
        (await queue.Admit(41, Two)).ShouldNotBeNull().ToString().ShouldContain("asyncQueueBytes");
        (await queue.Admit(40, Two)).ShouldBeNull();
    }

    [Fact]
    public async Task Ended_calls_release_their_capacity()
    {
        var name = NewName();
        await CreateReady(name);
        for (var i = 0; i < 3; i++)
        {
            (await Queue(name).Admit(0, Two)).ShouldBeNull();
            await UntilEnded(await AcceptCall(name), Second);
            // The queue may learn of the end after the call shows it.
            await Silos.Until(() => IsEmpty(name));
        }
    }

    [Fact]
    public async Task Retried_call_needs_capacity_in_the_queue()
    {
        var name = NewName();
        await CreateReady(name, configuration: new() { AsyncQueueLength = 1 });
        Silos.Caller.Hang(name);
        var failed = await AcceptCall(name);
        Value(await Call(failed).Cancel(Anna, Token));
        await Silos.Until(async () => await Queue(name).Admit(0, null) is null);

        var rejection = Error(await Call(failed).Retry(Anna, Token));

        rejection.Code.ShouldBe(ErrorCodes.LimitReached);
        rejection.Message.ShouldContain("asyncQueueLength is 1");
        await Queue(name).Release(0);
        await Silos.Until(async () => (await Call(failed).Retry(Anna, Token)).Succeeded);
    }

    [Fact]
    public async Task Queue_status_has_the_positions_of_waiting_calls()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 1 });
        Silos.Caller.Hang(name);
        var ids = new List<CallId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await AcceptCall(name));
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2);
        await Silos.Until(async () => (await GetStatus(name, ids)).Positions.Count == 3, Second);

        var status = await GetStatus(name, ids);

        status.ReadyPods.ShouldBe(1);
        status.Positions.ShouldBe(
            new Dictionary<CallId, long>
            {
                [ids[2]] = 1,
                [ids[3]] = 2,
                [ids[4]] = 3,
            },
            ignoreOrder: true
        );
        CallWait.For(await CallView(ids[3]), status, Silos.Clock.GetUtcNow()).ShouldNotBeNull().Reason.ShouldBe(CallWaitReason.AtCapacity);
        CallWait.For(await CallView(ids[0]), status, Silos.Clock.GetUtcNow()).ShouldBeNull();
    }

    [Fact]
    public async Task Bulk_retry_retries_failed_calls_except_canceled_ones()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.RespondWith(name, AttemptOutcome.Failed(CallErrorCode.ResultTooLarge, "too large"));
        var failed = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => AcceptCall(name)));
        foreach (var id in failed)
            await UntilEnded(id, Second);
        Silos.Caller.Hang(name);
        var canceled = await AcceptCall(name);
        Value(await Call(canceled).Cancel(Anna, Token));
        Silos.Caller.RespondWith(name, ScriptedPodCaller.Response());

        var reruns = await Silos.Service<FailedCallRetrier>().RetryAll(DeploymentName.Parse(name), new(), Anna, Token);

        reruns.ShouldBe(new(120, false, null));
        foreach (var id in failed)
            (await UntilEnded(id, Second)).Status.ShouldBe(CallStatus.Completed);
        (await CallView(canceled)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
        (
            await Silos
                .Service<FailedCallRetrier>()
                .RetryAll(DeploymentName.Parse(name), new(ErrorCodes: [CallErrorCode.Canceled]), Anna, Token)
        ).Count.ShouldBe(1);
    }

    [Fact]
    public async Task More_calls_than_one_query_reads_all_run_in_order()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 100 });
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var uid = (await Silos.Deployment(name).GetRoute()).Uid;
        var draft = new CallDraft(DeploymentName.Parse(name), uid, new("POST", "/x", [], null), CallLimits.Default);
        // Accepted as if by a silo that was lost: the queue finds the calls in storage.
        var ids = Enumerable.Range(0, 2500).Select(i => CallId.Create(Silos.Clock.GetUtcNow().AddMilliseconds(i))).ToList();
        await Task.WhenAll(ids.Select(id => Silos.Service<ICallAcceptor>().Accept(id, draft)));

        // A queue that was activated during the acceptance finds the other calls with a later tick.
        await Silos.Until(
            async () => (await GetStatus(name, [ids[^1]])).Positions.GetValueOrDefault(ids[^1]),
            position => position == 2500,
            Second
        );
        Value(await Silos.Deployment(name).Start(Anna, Token));

        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2500, Second);
        var order = Silos.Caller.CallsOf(name).Select((call, i) => Math.Abs(ids.IndexOf(call.Id) - i));
        // Smaller than the number of calls that one query reads; concurrent calls may end in any order.
        order.Max().ShouldBeLessThan(800);
    }

    private IQueueGrain Queue(string name) => Silos.Grains.GetGrain<IQueueGrain>(name);

    private Task<QueueStatus> GetStatus(string name, IReadOnlyList<CallId> ids) => Queue(name).GetStatus(ids);

    /// <summary>Whether the queue is empty: reserves and releases the only slot of a queue with length 1.</summary>
    private async Task<bool> IsEmpty(string name)
    {
        var isEmpty = await Queue(name).Admit(0, new() { AsyncQueueLength = 1, AsyncQueueBytes = 1 }) is null;
        if (isEmpty)
            await Queue(name).Release(0);
        return isEmpty;
    }
}
