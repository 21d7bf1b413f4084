using DeployCard.Contracts.Deployments;
using DeployCard.Domain.Deployments;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace DeployCard.Grains.Tests.Deployments;

/// <summary>A user's change is stored or rolled back; a derived change never waits for storage.</summary>
public sealed class DeploymentStorageTests
{
    private readonly List<string> log = [];
    private readonly FakeTimeProvider time = new(Sample.Now);
    private readonly FakeState<DeploymentState> stored;
    private readonly FakeState<DeploymentHistory> history;
    private readonly DeploymentStorage storage;

    public DeploymentStorageTests()
    {
        (stored, history) = (new("state", log) { State = Sample.State() }, new("history", log));
        storage = new(
            Sample.Name,
            stored,
            history,
            () => log.Add($"rolled back to '{stored.State.Title}'"),
            () => log.Add("stale"),
            time,
            NullLogger.Instance
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stored_change_becomes_the_state()
    {
        var next = Renamed();

        await storage.Commit(next, Token);

        storage.State.ShouldBeSameAs(next);
        log.ShouldBe(["write state"]);
    }

    [Fact]
    public async Task Change_that_cannot_be_stored_is_rolled_back()
    {
        var before = storage.State;
        stored.Failure = new TimeoutException();

        await Should.ThrowAsync<TimeoutException>(() => storage.Commit(Renamed(), Token));

        storage.State.ShouldBeSameAs(before);
        log.ShouldBe(["rolled back to ''"]);
        storage.HasPendingWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Stale_activation_restores_the_state_before_it_gives_up()
    {
        stored.Failure = new InconsistentStateException();

        await Should.ThrowAsync<InconsistentStateException>(() => storage.Commit(Renamed(), Token));

        log.ShouldBe(["rolled back to ''", "stale"]);
    }

    [Fact]
    public async Task Stale_activation_gives_up_when_it_stores_a_derived_change()
    {
        stored.Failure = new InconsistentStateException();

        await Should.ThrowAsync<InconsistentStateException>(() => storage.Derive(state => state.IsActive = true));

        log.ShouldBe(["stale"]);
    }

    [Fact]
    public async Task Derived_change_is_kept_in_memory_and_stored_after_the_retry_delay()
    {
        stored.Failure = new TimeoutException();
        await storage.Derive(state => state.Status = DeploymentStatus.Ready);
        (storage.State.Status, storage.HasPendingWrites).ShouldBe((DeploymentStatus.Ready, true));

        stored.Failure = null;
        time.Advance(DeploymentStorage.RetryDelay - TimeSpan.FromTicks(1));
        await storage.Derive(_ => { });
        log.ShouldBeEmpty();

        time.Advance(TimeSpan.FromTicks(1));
        await storage.Derive(_ => { });
        log.ShouldBe(["write state"]);
        storage.HasPendingWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task New_route_version_alone_is_not_written()
    {
        await storage.Derive(state => state.RouteVersion = 7);

        log.ShouldBeEmpty();
        storage.State.RouteVersion.ShouldBe(7);
    }

    [Fact]
    public async Task User_change_stores_pending_derived_changes_too()
    {
        stored.Failure = new TimeoutException();
        await storage.Derive(state => state.IsActive = true);
        stored.Failure = null;

        await storage.Commit(Renamed(), Token);

        storage.State.IsActive.ShouldBeTrue();
        storage.HasPendingWrites.ShouldBeFalse();
    }

    [Fact]
    public async Task Event_that_cannot_be_stored_is_kept_with_its_pod()
    {
        history.Failure = new TimeoutException();

        await storage.Record(new(Sample.Now, EventKind.PodStopped, "system", "x"), Sample.Pod("aaaaa"));

        storage.Events.ShouldHaveSingleItem();
        storage.EndedPods.ShouldHaveSingleItem();
        storage.HasPendingWrites.ShouldBeTrue();
    }

    [Fact]
    public async Task New_deployment_has_no_history_of_an_earlier_one()
    {
        stored.State = new();
        history.State.Add(Sample.Pod("aaaaa"));

        await storage.Commit(Sample.State(), Token);

        storage.EndedPods.ShouldBeEmpty();
    }

    [Fact]
    public async Task Name_stays_taken_if_the_history_cannot_be_removed()
    {
        history.Failure = new TimeoutException();
        await Should.ThrowAsync<TimeoutException>(() => storage.Clear(Token));
        storage.State.Exists.ShouldBeTrue();
        log.ShouldBeEmpty();

        history.Failure = null;
        await storage.Clear(Token);
        storage.State.Exists.ShouldBeFalse();
        log.ShouldBe(["clear history", "clear state"]);
    }

    private DeploymentState Renamed()
    {
        var next = storage.State.Copy();
        next.Title = "changed";
        return next;
    }
}
