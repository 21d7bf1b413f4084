using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Live;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Readmes;
using DeployCard.Grains.Results;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace DeployCard.Grains.Deployments;

/// <summary>The commands of a deployment. What keeps its pods going stands in <c>DeploymentGrain.Pods.cs</c>, its end in <c>DeploymentGrain.Retention.cs</c>, its webhook secrets in <c>DeploymentGrain.Webhooks.cs</c>.</summary>
// By load figures, which are a second old, all that come at once would go to one silo.
[RandomPlacement]
internal sealed partial class DeploymentGrain(
    [PersistentState("deployment")] IPersistentState<DeploymentState> stored,
    [PersistentState("deploymentHistory")] IPersistentState<DeploymentHistory> history,
    IImageCatalog images,
    IPodRuntime runtime,
    IRoutePublisher routes,
    PodMetrics metrics,
    DeploymentRemains remains,
    WebhookSecretFactory webhookSecrets,
    IOptions<DeploymentOptions> options,
    IOptions<AutoscalerOptions> autoscaling,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<DeploymentGrain> logger
) : Grain, IDeploymentGrain, IDisposable
{
    private readonly LiveFeed<DeploymentView> feed = new(1, lifetime.ApplicationStopping);

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
                    ? $"A deployment named '{Name}' exists."
                    : $"'{Name}' was deleted; its name is free from {State.DueAt:u} on."
            );
        if (DeploymentValidator.Validate(draft) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        var (image, error) = await FindImage(draft.Image, cancellationToken);
        if (error is not null)
            return error;

        var suggested = ConfigurationSpec.From(image!.Defaults).ApplyTo(new());
        var now = time.GetUtcNow();
        // The readme first: without the deployment nobody sees it, and the next try replaces it.
        await GrainFactory.GetGrain<IReadmeGrain>(Name.Value).Begin(image.Readme ?? "", actor, cancellationToken);
        unchanged = State;
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

    public Task<DeploymentView?> Get() => Task.FromResult(Exists ? View() : null);

    public IAsyncEnumerable<DeploymentView> Watch(CancellationToken cancellationToken) =>
        Exists ? feed.Watch(() => new([View()]), cancellationToken) : AsyncEnumerable.Empty<DeploymentView>();

    public async Task<Outcome<DeploymentView>> Update(DeploymentChange change, string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (DeploymentValidator.Validate(change) is { Count: > 0 } errors)
            return Outcome<DeploymentView>.Failed(errors);
        if (change.ExpectedRevision is { } expected && expected != State.Current.Number)
            return new FieldError(
                "expectedRevision",
                ErrorCodes.VersionConflict,
                $"Revision {State.Current.Number} is in force, not {expected}: read it and decide again."
            );

        var image = change.Image ?? State.Current.Image;
        var configuration = change.Configuration?.ApplyTo(State.Current.Configuration) ?? State.Current.Configuration;
        var isNewRevision = image != State.Current.Image || !configuration.SameAs(State.Current.Configuration);
        if (isNewRevision && (await FindImage(image, cancellationToken)).Error is { } error)
            return error;
        var title = change.Title?.Trim() is { Length: > 0 } given ? given : State.Title;
        if (!isNewRevision && title == State.Title)
            return View();
        BeginChange().Title = title;
        if (!isNewRevision)
            return await Commit(EventKind.TitleChanged, $"The title is now '{title}'.", actor, cancellationToken);
        AddRevision(image, configuration, actor, null);
        return await Commit(EventKind.Updated, $"Revision {State.Current.Number} was made from image {image}.", actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> RollBack(int revision, string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (State.Revisions.Find(r => r.Number == revision) is not { } old)
            return new FieldError(
                "revision",
                ErrorCodes.NotFound,
                $"There is no revision {revision}; {State.Revisions[0].Number} to {State.Current.Number} are remembered."
            );
        if ((await FindImage(old.Image, cancellationToken)).Error is { } error)
            return error;
        BeginChange();
        AddRevision(old.Image, old.Configuration, actor, revision);
        return await Commit(
            EventKind.RolledBack,
            $"Revision {State.Current.Number} repeats revision {revision}.",
            actor,
            cancellationToken
        );
    }

    public async Task<Outcome<DeploymentView>> Stop(string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (State.IsStopped)
            return View();
        BeginChange().IsStopped = true;
        return await Commit(EventKind.Stopped, "Stopped: requests are refused.", actor, cancellationToken);
    }

    public async Task<Outcome<DeploymentView>> Start(string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (!State.IsStopped)
            return View();
        BeginChange();
        (State.IsStopped, State.Failure, State.IsActive) = (false, null, true);
        var view = await Commit(EventKind.Started, "Started again.", actor, cancellationToken);
        await remains.WakeQueue(Name);
        return view;
    }

    public async Task<Outcome<DeploymentView>> AddKey(Keys.KeyEntry key, string name, string actor, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
            return refusal;
        if (State.Keys.Count >= options.Value.MaxKeysPerDeployment)
            return new FieldError(
                "",
                ErrorCodes.LimitReached,
                $"A deployment has at most {options.Value.MaxKeysPerDeployment} keys: revoke one first."
            );
        BeginChange().Keys.Add(key);
        return await Commit(EventKind.KeyCreated, $"Key '{name}' was created.", actor, cancellationToken);
    }

    public async Task RemoveKey(string keyId, EventKind why, string actor, CancellationToken cancellationToken)
    {
        if (State.Keys.Exists(k => k.Id == keyId))
        {
            BeginChange().Keys.RemoveAll(k => k.Id == keyId);
            await Commit(
                why,
                why is EventKind.KeyRevoked ? $"Key {keyId} was revoked." : $"Key {keyId} was removed after its time.",
                actor,
                cancellationToken
            );
        }
    }

    public Task<IReadOnlyList<DeploymentEvent>> Events() =>
        Task.FromResult<IReadOnlyList<DeploymentEvent>>([.. Enumerable.Reverse(history.State.Events)]);

    public async Task Note(EventKind kind, string message, string actor)
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
                new("image", ErrorCodes.Invalid, $"There is no image '{name}'; there are: {await KnownImages(cancellationToken)}.")
            ),
            { UnavailableReason: { } reason } => (
                null,
                new("image", ErrorCodes.Invalid, $"Image '{name}' cannot be started here: {reason}")
            ),
            var image => (image, null),
        };

    private async Task<string> KnownImages(CancellationToken cancellationToken) =>
        string.Join(", ", (await images.List(cancellationToken)).Take(20).Select(i => i.Name));

    private FieldError? Refusal() =>
        !Exists ? new("name", ErrorCodes.NotFound, $"There is no deployment named '{Name}'.")
        : State.DeletedAt is { } at ? new("name", ErrorCodes.DeploymentDeleted, $"Deployment '{Name}' was deleted at {at:u}.")
        : null;

    /// <summary>Stores what a person changed, then brings pods and routes to it.</summary>
    private async Task<DeploymentView> Commit(EventKind kind, string message, string actor, CancellationToken cancellationToken)
    {
        State.UpdatedAt = time.GetUtcNow();
        Settle();
        await Save(cancellationToken);
        LogChanged(logger, Name, kind, actor);
        await AddEvent(kind, message, actor);
        await Publish(cancellationToken);
        await Reconcile();
        return View();
    }

    private Task AddEvent(EventKind kind, string message, string actor)
    {
        history.State.Add(new DeploymentEvent(time.GetUtcNow(), kind, actor, message));
        isHistoryBehind = true;
        return CatchUp();
    }

    private DeploymentView View() =>
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
            Pods = pods?.View ?? [],
            Failure = State.Failure,
            DesiredPods = scaling.Pods,
            ScalingReason = scaling.Reason,
            ScalingDecidedAt = scaling.At,
            WebhookSecrets = [.. State.WebhookSecrets],
        };

    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment}: {Event} by {Actor}")]
    private static partial void LogChanged(ILogger logger, DeploymentName deployment, EventKind @event, string actor);
}
