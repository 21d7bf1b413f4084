using DeployCard.Common.Live;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Runtimes;
using DeployCard.Domain.Autoscaling;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Domain.Deployments;

/// <summary>
/// The commands of a deployment. Pods and routes are in <c>DeploymentGrain.Pods.cs</c>, writing the state in
/// <c>DeploymentGrain.Storage.cs</c>, deletion in <c>DeploymentGrain.Retention.cs</c> and webhook secrets in
/// <c>DeploymentGrain.Webhooks.cs</c>.
/// </summary>
// Load statistics are a second old, so placement by load would activate a batch of deployments on a single silo.
[RandomPlacement]
internal sealed partial class DeploymentGrain(
    [PersistentState("deployment")] IPersistentState<DeploymentState> stored,
    [PersistentState("deploymentHistory")] IPersistentState<DeploymentHistory> history,
    IImageCatalog images,
    IPodRuntime runtime,
    IRoutePublisher routes,
    PodMetrics metrics,
    DeploymentCleanup cleanup,
    WebhookSecretFactory webhookSecrets,
    IOptions<DeploymentOptions> options,
    IOptions<AutoscalerOptions> autoscaling,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DeploymentGrain> logger
) : Grain, IDeploymentGrain, IDisposable
{
    private readonly Broadcaster<DeploymentView> broadcaster = new(1, lifetime.ApplicationStopping);

    private DeploymentState State => stored.State;

    private DeploymentName Name => DeploymentName.Parse(this.GetPrimaryKeyString());

    private bool Exists => State.Name is not null;

    public async Task<Outcome<DeploymentView>> Create(DeploymentDraft draft, string actor, CancellationToken cancellationToken)
    {
        if (Exists)
            return new FieldError(
                "name",
                ErrorCodes.NameTaken,
                State.DeletedAt is null
                    ? $"A deployment named '{Name}' already exists."
                    : $"Deployment '{Name}' was deleted; its name can be reused after {State.DueAt:u}."
            );
        if (DeploymentValidator.Validate(draft) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        var (image, error) = await FindImage(draft.Image, cancellationToken);
        if (error is not null)
            return error;

        var suggested = image!.Defaults.ApplyTo(new());
        var now = time.GetUtcNow();
        // Write the readme first: without the deployment it is not visible, and the next attempt overwrites it.
        await GrainFactory.GetGrain<IReadmeGrain>(Name.Value).Initialize(image.Readme ?? "", actor, cancellationToken);
        rollbackState = State;
        stored.State = new()
        {
            Name = Name.Value,
            Uid = Guid.CreateVersion7(now),
            Title = string.IsNullOrWhiteSpace(draft.Title) ? Name.Value : draft.Title.Trim(),
            Image = draft.Image,
            CreatedAt = now,
            CreatedBy = actor,
            IsActive = true,
            Revisions = [new(1, draft.Image, draft.Configuration.ApplyTo(suggested), now, actor)],
        };
        history.State = new();
        autoscaler = new(autoscaling.Value);
        return await Commit(EventKind.Created, $"Created from image {draft.Image}.", actor, cancellationToken);
    }

    public Task<DeploymentView?> Get() => Task.FromResult(Exists ? CreateView() : null);

    public IAsyncEnumerable<DeploymentView> Watch(CancellationToken cancellationToken) =>
        Exists ? broadcaster.Subscribe(() => new([CreateView()]), cancellationToken) : AsyncEnumerable.Empty<DeploymentView>();

    public async Task<Outcome<DeploymentView>> Update(DeploymentChange change, string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (DeploymentValidator.Validate(change) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        if (change.ExpectedRevision is { } expected && expected != State.Current.Number)
            return new FieldError(
                "expectedRevision",
                ErrorCodes.VersionConflict,
                $"The current revision is {State.Current.Number}, not {expected}; reload the deployment and try again."
            );

        var image = change.Image ?? State.Current.Image;
        var configuration = change.Configuration?.ApplyTo(State.Current.Configuration) ?? State.Current.Configuration;
        var isNewRevision = image != State.Current.Image || configuration != State.Current.Configuration;
        if (isNewRevision && (await FindImage(image, cancellationToken)).Error is { } error)
            return error;
        var title = change.Title?.Trim() is { Length: > 0 } given ? given : State.Title;
        if (!isNewRevision && title == State.Title)
            return CreateView();
        BeginUpdate().Title = title;
        if (!isNewRevision)
            return await Commit(EventKind.TitleChanged, $"Title changed to '{title}'.", actor, cancellationToken);
        AddRevision(image, configuration, actor, null);
        return await Commit(EventKind.Updated, $"Created revision {State.Current.Number} from image {image}.", actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> RollBack(int revision, string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (State.Revisions.Find(r => r.Number == revision) is not { } old)
            return new FieldError(
                "revision",
                ErrorCodes.NotFound,
                $"There is no revision {revision}; revisions {State.Revisions[0].Number} to {State.Current.Number} are available."
            );
        if ((await FindImage(old.Image, cancellationToken)).Error is { } error)
            return error;
        BeginUpdate();
        AddRevision(old.Image, old.Configuration, actor, revision);
        return await Commit(
            EventKind.RolledBack,
            $"Rolled back to revision {revision} (now revision {State.Current.Number}).",
            actor,
            cancellationToken
        );
    }

    public async Task<Outcome<DeploymentView>> Stop(string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (State.IsStopped)
            return CreateView();
        BeginUpdate().IsStopped = true;
        return await Commit(EventKind.Stopped, "Stopped: requests are rejected.", actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> Start(string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (!State.IsStopped)
            return CreateView();
        BeginUpdate();
        (State.IsStopped, State.Failure, State.IsActive) = (false, null, true);
        var view = await Commit(EventKind.Started, "Started.", actor, cancellationToken);
        await cleanup.WakeQueue(Name);
        return view;
    }

    public async Task<Outcome<DeploymentView>> AddKey(KeyEntry key, string name, string actor, CancellationToken cancellationToken)
    {
        if (FindRejection() is { } rejection)
            return rejection;
        if (State.Keys.Count >= options.Value.MaxKeysPerDeployment)
            return new FieldError(
                "",
                ErrorCodes.LimitReached,
                $"A deployment can have at most {options.Value.MaxKeysPerDeployment} keys; revoke one first."
            );
        BeginUpdate().Keys.Add(key);
        return await Commit(EventKind.KeyCreated, $"Key '{name}' was created.", actor, cancellationToken);
    }

    public async Task RemoveKey(string keyId, EventKind reason, string actor, CancellationToken cancellationToken)
    {
        if (State.Keys.Exists(k => k.Id == keyId))
        {
            BeginUpdate().Keys.RemoveAll(k => k.Id == keyId);
            await Commit(
                reason,
                reason is EventKind.KeyRevoked ? $"Key {keyId} was revoked." : $"Key {keyId} expired and was removed.",
                actor,
                cancellationToken
            );
        }
    }

    public Task<IReadOnlyList<DeploymentEvent>> GetEvents() =>
        Task.FromResult<IReadOnlyList<DeploymentEvent>>([.. Enumerable.Reverse(history.State.Events)]);

    public async Task RecordEvent(EventKind kind, string message, string actor)
    {
        if (Exists)
            await AddEvent(kind, message, actor);
    }

    private void AddRevision(string image, DeploymentConfiguration configuration, string actor, int? rollbackOf)
    {
        State.Revisions.Add(new(State.Current.Number + 1, image, configuration, time.GetUtcNow(), actor, rollbackOf));
        if (State.Revisions.Count > options.Value.MaxRevisionsPerDeployment)
            State.Revisions.RemoveAt(0);
        (State.Image, State.Failure, State.IsActive) = (image, null, true);
    }

    private async Task<(Image? Image, FieldError? Error)> FindImage(string name, CancellationToken cancellationToken) =>
        await images.Find(name, cancellationToken) switch
        {
            null => (
                null,
                new(
                    "image",
                    ErrorCodes.InvalidInput,
                    $"There is no image '{name}'; available images: {await KnownImages(cancellationToken)}."
                )
            ),
            { UnavailableReason: { } reason } => (
                null,
                new("image", ErrorCodes.InvalidInput, $"Image '{name}' cannot be started on this installation: {reason}")
            ),
            var image => (image, null),
        };

    private async Task<string> KnownImages(CancellationToken cancellationToken) =>
        string.Join(", ", (await images.List(cancellationToken)).Take(20).Select(i => i.Name));

    private FieldError? FindRejection() =>
        !Exists ? new("name", ErrorCodes.NotFound, $"There is no deployment named '{Name}'.")
        : State.DeletedAt is { } at ? new("name", ErrorCodes.DeploymentDeleted, $"Deployment '{Name}' was deleted at {at:u}.")
        : null;

    /// <summary>Stores a user's change, then updates the pods and routes accordingly.</summary>
    private async Task<DeploymentView> Commit(EventKind kind, string message, string actor, CancellationToken cancellationToken)
    {
        State.UpdatedAt = time.GetUtcNow();
        UpdateDerivedState();
        await Save(cancellationToken);
        LogChanged(logger, Name, kind, actor);
        await AddEvent(kind, message, actor);
        await Publish(cancellationToken);
        await Reconcile();
        return CreateView();
    }

    private Task AddEvent(EventKind kind, string message, string actor)
    {
        history.State.Add(new DeploymentEvent(time.GetUtcNow(), kind, actor, message));
        isHistoryPending = true;
        return FlushPendingWrites();
    }

    private DeploymentView CreateView() =>
        new()
        {
            Name = Name,
            Title = State.Title,
            Status = State.Status,
            CreatedAt = State.CreatedAt,
            CreatedBy = State.CreatedBy,
            UpdatedAt = State.UpdatedAt,
            DeletedAt = State.DeletedAt,
            PurgeAt = State.DueAt,
            Revisions = [.. Enumerable.Reverse(State.Revisions)],
            Pods = [.. pods?.View ?? []],
            Failure = State.Failure,
            DesiredPods = scaling.Pods,
            ScalingReason = scaling.Reason,
            ScalingDecidedAt = scaling.At,
            WebhookSecrets = [.. State.WebhookSecrets],
        };

    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment} was changed by {Actor}: {Event}")]
    private static partial void LogChanged(ILogger logger, DeploymentName deployment, EventKind @event, string actor);
}
