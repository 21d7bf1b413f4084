using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Results;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

/// <summary>How many calls a queue takes, and what its calls wait for.</summary>
public sealed class QueueTests(SiloFixture fixture) : SiloTest(fixture.Silos), IClassFixture<SiloFixture>
{
    private static readonly RouteLimits Two = new() { AsyncQueueLength = 2, AsyncQueueBytes = 100 };

    [Fact]
    public async Task A_queue_takes_as_many_calls_as_it_may_and_again_when_one_has_gone()
    {
        var queue = Queue(NewName());

        (await queue.Admit(1, Two)).ShouldBeNull();
        (await queue.Admit(1, Two)).ShouldBeNull();
        (await queue.Admit(1, Two)).ShouldBe(new(2, 2, 2, 100));
        await queue.GiveBack(1);

        await Silos.Until(async () => await queue.Admit(1, Two) is null);
    }

    [Fact]
    public async Task A_queue_takes_as_many_bytes_as_it_may()
    {
        var queue = Queue(NewName());

        (await queue.Admit(60, Two)).ShouldBeNull();
        (await queue.Admit(41, Two)).ShouldNotBeNull().ToString().ShouldContain("asyncQueueBytes");
        (await queue.Admit(40, Two)).ShouldBeNull();
    }

    [Fact]
    public async Task Calls_that_have_ended_leave_room()
    {
        var name = NewName();
        await CreateReady(name);
        for (var i = 0; i < 3; i++)
        {
            (await Queue(name).Admit(0, Two)).ShouldBeNull();
            await UntilEnded(await Accept(name), Second);
            // The word of the end may be behind that of the call.
            await Silos.Until(() => IsEmpty(name));
        }
    }

    [Fact]
    public async Task A_call_that_is_run_again_needs_room_too()
    {
        var name = NewName();
        await CreateReady(name, configuration: new() { AsyncQueueLength = 1 });
        Silos.Caller.Hang(name);
        var failed = await Accept(name);
        Value(await Call(failed).Cancel(Anna, Token));
        await Silos.Until(async () => await Queue(name).Admit(0, null) is null);

        var refusal = Error(await Call(failed).Retry(Anna, Token));

        refusal.Code.ShouldBe(ErrorCodes.LimitReached);
        refusal.Message.ShouldContain("asyncQueueLength is 1");
        await Queue(name).GiveBack(0);
        await Silos.Until(async () => (await Call(failed).Retry(Anna, Token)).Succeeded);
    }

    [Fact]
    public async Task What_calls_wait_for_is_told_with_their_places()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 1 });
        Silos.Caller.Hang(name);
        var ids = new List<CallId>();
        for (var i = 0; i < 5; i++)
            ids.Add(await Accept(name));
        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2);
        await Silos.Until(async () => (await Explain(name, ids)).Positions.Count == 3, Second);

        var situation = await Explain(name, ids);

        situation.ReadyPods.ShouldBe(1);
        situation.Positions.ShouldBe(
            new Dictionary<CallId, long>
            {
                [ids[2]] = 1,
                [ids[3]] = 2,
                [ids[4]] = 3,
            },
            ignoreOrder: true
        );
        CallWait.Of(await CallView(ids[3]), situation, Silos.Clock.GetUtcNow()).ShouldNotBeNull().Reason.ShouldBe(CallWaitReason.AtCapacity);
        CallWait.Of(await CallView(ids[0]), situation, Silos.Clock.GetUtcNow()).ShouldBeNull();
    }

    [Fact]
    public async Task Failed_calls_are_run_again_together_but_for_those_that_somebody_canceled()
    {
        var name = NewName();
        await CreateReady(name);
        Silos.Caller.Answers(name, PodAnswer.Failed(CallErrorCode.ResultTooLarge, "too large"));
        var failed = await Task.WhenAll(Enumerable.Range(0, 120).Select(_ => Accept(name)));
        foreach (var id in failed)
            await UntilEnded(id, Second);
        Silos.Caller.Hang(name);
        var canceled = await Accept(name);
        Value(await Call(canceled).Cancel(Anna, Token));
        Silos.Caller.Answers(name, ScriptedPodCaller.Answer());

        var reruns = await Silos.Service<FailedCalls>().RunAgain(DeploymentName.Parse(name), new(), Anna, Token);

        reruns.ShouldBe(new(120, false, null));
        foreach (var id in failed)
            (await UntilEnded(id, Second)).Status.ShouldBe(CallStatus.Completed);
        (await CallView(canceled)).ErrorCode.ShouldBe(CallErrorCode.Canceled);
        (
            await Silos.Service<FailedCalls>().RunAgain(DeploymentName.Parse(name), new(ErrorCodes: [CallErrorCode.Canceled]), Anna, Token)
        ).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Far_more_calls_than_are_held_in_memory_all_run_in_order()
    {
        var name = NewName();
        await CreateReady(name, "1-1", new() { Concurrency = 100 });
        Value(await Silos.Deployment(name).Stop(Anna, Token));
        var uid = (await Silos.Deployment(name).GetRoute()).Uid;
        var draft = new CallDraft(DeploymentName.Parse(name), uid, new("POST", "/x", [], null), CallLimits.Default);
        // Accepted as if by a silo that is gone: the queue finds them in storage.
        var ids = Enumerable.Range(0, 2500).Select(i => CallId.New(Silos.Clock.GetUtcNow().AddMilliseconds(i))).ToList();
        await Task.WhenAll(ids.Select(id => Silos.Service<ICallIntake>().Accept(id, draft)));

        // A queue that was woken while they came finds the others with its next look.
        await Silos.Until(
            async () => (await Explain(name, [ids[^1]])).Positions.GetValueOrDefault(ids[^1]),
            position => position == 2500,
            Second
        );
        Value(await Silos.Deployment(name).Start(Anna, Token));

        await Silos.Until(() => Silos.Caller.CallsOf(name).Count == 2500, Second);
        var order = Silos.Caller.CallsOf(name).Select((call, i) => Math.Abs(ids.IndexOf(call.Id) - i));
        // Less than is read from storage at a time; those that are at pods at once end in any order.
        order.Max().ShouldBeLessThan(800);
    }

    private IQueueGrain Queue(string name) => Silos.Grains.GetGrain<IQueueGrain>(name);

    private Task<QueueSituation> Explain(string name, IReadOnlyList<CallId> ids) => Queue(name).Explain(ids);

    /// <summary>Takes the only place and gives it back.</summary>
    private async Task<bool> IsEmpty(string name)
    {
        var isEmpty = await Queue(name).Admit(0, new() { AsyncQueueLength = 1, AsyncQueueBytes = 1 }) is null;
        if (isEmpty)
            await Queue(name).GiveBack(0);
        return isEmpty;
    }
}
