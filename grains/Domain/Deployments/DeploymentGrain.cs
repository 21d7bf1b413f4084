using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Routing;
using Orleans.Placement;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// The commands of a deployment. A command is checked (<see cref="DeploymentChecks"/>), turned into the next state
/// (<see cref="DeploymentChanges"/>) and committed (<see cref="DeploymentReconciler"/>). The README of this folder lists the owner of each
/// invariant.
/// </summary>
// Load statistics are a second old, so placement by load would activate a batch of deployments on a single silo.
[RandomPlacement]
internal sealed class DeploymentGrain(
    [PersistentState("deployment")] IPersistentState<DeploymentState> stored,
    [PersistentState("deploymentHistory")] IPersistentState<DeploymentHistory> history,
    DeploymentPartsFactory factory,
    DeploymentChecks checks,
    DeploymentChanges changes,
    DeploymentCleanup cleanup,
    WebhookSecretFactory webhookSecrets,
    TimeProvider time,
    ILogger<DeploymentGrain> logger
) : Grain, IDeploymentGrain, IDisposable
{
    // Null only before the activation, which no call precedes.
    private DeploymentParts parts = null!;

    private DeploymentState State => parts.Storage.State;

    private DeploymentName Name => DeploymentName.Parse(this.GetPrimaryKeyString());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        parts = factory.Create(Name, this, stored, history, logger);
        if (State.Exists)
        {
            parts.Timers.SchedulePurge(State.DueAt, ExpireIfDue);
            parts.Reconciler.Resume();
        }

        return base.OnActivateAsync(cancellationToken);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        parts?.Reconciler.Suspend();
        return Task.CompletedTask;
    }

    public void Dispose() => parts?.Pods.Dispose();

    public async Task<Outcome<DeploymentView>> Create(DeploymentDraft draft, string actor, CancellationToken cancellationToken)
    {
        if (DeploymentChecks.CheckNameIsFree(Name, State) is { } rejection)
            return rejection;
        if (DeploymentValidator.Validate(draft) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        var (image, error) = await checks.FindImage(draft.Image, cancellationToken);
        if (error is not null)
            return error;
        var change = changes.Create(Name, draft, image!, actor);
        // Write the readme first: without the deployment it is not visible, and the next attempt overwrites it.
        await GrainFactory.GetGrain<IReadmeGrain>(Name.Value).Initialize(image!.Readme ?? "", actor, cancellationToken);
        parts.Scaling.StartOver();
        return await parts.Reconciler.Commit(change, actor, cancellationToken);
    }

    public Task<DeploymentView?> Get() => Task.FromResult(State.Exists ? parts.Views.Current : null);

    public IAsyncEnumerable<DeploymentView> Watch(CancellationToken cancellationToken) =>
        State.Exists ? parts.Views.Subscribe(cancellationToken) : AsyncEnumerable.Empty<DeploymentView>();

    public async Task<Outcome<DeploymentView>> Update(DeploymentChange change, string actor, CancellationToken cancellationToken)
    {
        if (CheckIsEditable() is { } rejection)
            return rejection;
        if (DeploymentValidator.Validate(change) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        if (DeploymentChecks.CheckExpectedRevision(State, change) is { } conflict)
            return conflict;
        if (changes.Update(State, change, actor) is not { } update)
            return parts.Views.Current;
        if (update.Kind is EventKind.Updated && (await checks.FindImage(update.Next.Image, cancellationToken)).Error is { } error)
            return error;
        return await parts.Reconciler.Commit(update, actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> RollBack(int revision, string actor, CancellationToken cancellationToken)
    {
        if (CheckIsEditable() is { } rejection)
            return rejection;
        var (earlier, missing) = DeploymentChecks.FindRevision(State, revision);
        if (earlier is null)
            return missing!;
        if ((await checks.FindImage(earlier.Image, cancellationToken)).Error is { } error)
            return error;
        return await parts.Reconciler.Commit(changes.RollBack(State, earlier, actor), actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> Stop(string actor, CancellationToken cancellationToken)
    {
        if (CheckIsEditable() is { } rejection)
            return rejection;
        return State.IsStopped
            ? parts.Views.Current
            : await parts.Reconciler.Commit(DeploymentChanges.Stop(State), actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> Start(string actor, CancellationToken cancellationToken)
    {
        if (CheckIsEditable() is { } rejection)
            return rejection;
        if (!State.IsStopped)
            return parts.Views.Current;
        var view = await parts.Reconciler.Commit(DeploymentChanges.Start(State), actor, cancellationToken);
        await cleanup.WakeQueue(Name);
        return view;
    }

    public async Task<Outcome<DeploymentView>> Delete(string actor, CancellationToken cancellationToken)
    {
        if (CheckIsEditable() is { } rejection)
            return rejection;
        var view = await parts.Reconciler.Commit(changes.Delete(State), actor, cancellationToken);
        parts.Timers.SchedulePurge(State.DueAt, ExpireIfDue);
        await cleanup.EndCalls(Name);
        await cleanup.RemoveKeys(Name, cancellationToken);
        return view;
    }

    public async Task ExpireIfDue(CancellationToken cancellationToken)
    {
        if (!State.Exists || State.DueAt is not { } due || due > time.GetUtcNow())
            return;
        // Every step is idempotent. If one fails, the next sweep starts over, and the name stays taken until all steps are done.
        await cleanup.RemoveAll(Name, cancellationToken);
        await parts.Reconciler.Purge(cancellationToken);
        logger.LogPurged(Name);
        DeactivateOnIdle();
    }

    public async Task<Outcome<DeploymentView>> AddKey(KeyEntry key, string name, string actor, CancellationToken cancellationToken)
    {
        if ((CheckIsEditable() ?? checks.CheckKeyLimit(State)) is { } rejection)
            return rejection;
        return await parts.Reconciler.Commit(DeploymentChanges.AddKey(State, key, name), actor, cancellationToken);
    }

    public async Task RemoveKey(string keyId, EventKind reason, string actor, CancellationToken cancellationToken)
    {
        if (State.Keys.Exists(k => k.Id == keyId))
            await parts.Reconciler.Commit(DeploymentChanges.RemoveKey(State, keyId, reason), actor, cancellationToken);
    }

    public async Task<Outcome<NewWebhookSecret>> CreateWebhookSecret(string actor, CancellationToken cancellationToken)
    {
        if ((CheckIsEditable() ?? DeploymentChecks.CheckWebhookSecretLimit(State)) is { } rejection)
            return rejection;
        var change = changes.CreateWebhookSecret(State, actor);
        await parts.Reconciler.Commit(change, actor, cancellationToken);
        var secret = change.Next.WebhookSecrets[^1];
        return new NewWebhookSecret(secret, webhookSecrets.DeriveText(State.Uid, secret.Id));
    }

    public async Task<Outcome<DeploymentView>> RevokeWebhookSecret(string id, string actor, CancellationToken cancellationToken)
    {
        if ((CheckIsEditable() ?? DeploymentChecks.CheckWebhookSecretExists(Name, State, id)) is { } rejection)
            return rejection;
        return await parts.Reconciler.Commit(DeploymentChanges.RevokeWebhookSecret(State, id), actor, cancellationToken);
    }

    public Task<IReadOnlyList<WebhookSecret>> GetWebhookSecrets() =>
        Task.FromResult<IReadOnlyList<WebhookSecret>>([.. State.WebhookSecrets]);

    public Task<IReadOnlyList<DeploymentEvent>> GetEvents() =>
        Task.FromResult<IReadOnlyList<DeploymentEvent>>([.. parts.Storage.Events.Reverse()]);

    public Task RecordEvent(EventKind kind, string message, string actor) =>
        State.Exists ? parts.Reconciler.Record(kind, message, actor) : Task.CompletedTask;

    public Task<IReadOnlyList<PodObservation>> GetPods() =>
        Task.FromResult<IReadOnlyList<PodObservation>>([
            .. parts.Pods.View.Reverse().Concat(parts.Storage.EndedPods.Reverse()).Take(DeploymentHistory.MaxEntries),
        ]);

    public Task<Route> GetRoute() => Task.FromResult(parts.Reconciler.GetRoute());

    public Task OnNewerRoute(long newest) => parts.Routes.OnNewer(newest);

    public Task ReportLoad(LoadReport report) =>
        // The timer handles scaling down.
        parts.Scaling.RecordLoad(report, State, parts.Pods.Live)
            ? Reconcile()
            : Task.CompletedTask;

    public Task Wake() => State is { Exists: true, IsActive: true } ? Reconcile() : Task.CompletedTask;

    public Task CancelDrain()
    {
        parts.Scaling.RecordActivity();
        return Reconcile();
    }

    public Task Reconcile() => parts.Reconciler.Reconcile();

    public async Task OnPodEnded(PodObservation ended)
    {
        if (!State.Exists)
            return;
        await parts.Reconciler.RecordEnd(ended);
        // Once no pods are wanted, the log is cleared when the last pod exits. After a failure it is kept so that a user can read it.
        if (parts.Scaling.Decision.Pods == 0 && State.Failure is null && parts.Pods.All.All(p => p.Name == ended.Name))
            await cleanup.ClearLogs(Name, CancellationToken.None);
    }

    private FieldError? CheckIsEditable() => DeploymentChecks.CheckIsEditable(Name, State);
}
