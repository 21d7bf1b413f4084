using DeployCard.Client.Cluster;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Runtimes;
using DeployCard.GraphQL.AsyncCalls;
using DeployCard.GraphQL.Images;
using DeployCard.GraphQL.Keys;
using DeployCard.GraphQL.Logs;
using DeployCard.GraphQL.Monitoring;
using DeployCard.GraphQL.Webhooks;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Deployments;

/// <summary>
/// A served model, shown as a card. A deleted deployment keeps its id, name, title, dates, status, Grafana URL, readme and monitoring until
/// it is purged; every other field is then null with the error <c>DEPLOYMENT_DELETED</c>. For a deployment that is not deleted, fields are
/// non-null unless their description says otherwise.
/// </summary>
public sealed class Deployment : INode
{
    internal const string IdType = "Deployment";

    private readonly DeploymentSummary summary;
    private readonly DeploymentView? view;

    internal Deployment(DeploymentSummary summary) => this.summary = summary;

    internal Deployment(DeploymentView view)
        : this(
            new DeploymentSummary(view.Name, view.Title, view.Status, view.Current.Image, view.CreatedAt, view.UpdatedAt, view.DeletedAt)
        ) => this.view = view;

    /// <summary>Opaque id, unique among all objects.</summary>
    [ID]
    public string Id => GlobalId.Create(IdType, Name);

    /// <summary>Unique name, used in the URL: a DNS label of at most 63 characters.</summary>
    public string Name => summary.Name.Value;

    /// <summary>Display name of the deployment.</summary>
    public string Title => summary.Title;

    /// <summary>Current status: whether the deployment can serve requests.</summary>
    public DeploymentStatus Status => summary.Status;

    /// <summary>Time when the deployment was created.</summary>
    public DateTimeOffset CreatedAt => summary.CreatedAt;

    /// <summary>Time when a user last changed the deployment.</summary>
    public DateTimeOffset UpdatedAt => summary.UpdatedAt;

    /// <summary>Time when the deployment was deleted; null if it is not deleted.</summary>
    public DateTimeOffset? DeletedAt => summary.DeletedAt;

    /// <summary>Name of the image of the current revision.</summary>
    public string? Image() => RequireNotDeleted(summary.Image);

    /// <summary>Base URL of the model for client programs; any path below it is forwarded to the model.</summary>
    public Uri? Url(IOptions<CardOptions> options) => RequireNotDeleted(new Uri(options.Value.PublicUrl, $"/predict/{Name}"));

    /// <summary>URL of the deployment's Grafana dashboard; null if the installation has no Grafana configured.</summary>
    public Uri? GrafanaUrl(IOptions<CardOptions> options) => options.Value.GetDashboardUrl(Name);

    /// <summary>Name of the user who created the deployment.</summary>
    public async Task<string?> CreatedBy(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        (await View(deployments, ct)).CreatedBy;

    /// <summary>
    /// Time when a deleted deployment is purged and its name becomes available again; null if the deployment is not deleted.
    /// </summary>
    public async Task<DateTimeOffset?> PurgeAt(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        DeletedAt is null ? null : (view ?? await deployments.LoadAsync(summary.Name, ct))?.PurgeAt;

    /// <summary>Reason why pods do not become ready, with the last log lines; null if pods become ready.</summary>
    public async Task<Failure?> Failure(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        Deployments.Failure.From((await View(deployments, ct)).Failure);

    /// <summary>Configuration of the current revision.</summary>
    public async Task<DeploymentConfiguration?> Configuration(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        (await View(deployments, ct)).Current.Configuration;

    /// <summary>Current revision of the deployment.</summary>
    public async Task<Revision?> Revision(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        new((await View(deployments, ct)).Current);

    /// <summary>Most recent revisions, newest first, at most 50 by default. The first one is the current revision.</summary>
    public async Task<IReadOnlyList<Revision>?> Revisions(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).Revisions.Select(r => new Revision(r))];

    /// <summary>Number of pods that the deployment should have now.</summary>
    public async Task<int?> DesiredPods(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        (await View(deployments, ct)).DesiredPods;

    /// <summary>Number of pods that the deployment should have now, with the reason.</summary>
    public async Task<Scaling?> Scaling(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        Deployments.Scaling.From(await View(deployments, ct));

    /// <summary>Existing pods of the deployment.</summary>
    public async Task<IReadOnlyList<Pod>?> Pods(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).Pods.Select(p => new Pod(p))];

    /// <summary>Most recent pods, at most 200: existing pods first, then ended ones, newest first.</summary>
    public async Task<IReadOnlyList<Pod>?> PodHistory(IGrainFactory grains, GrainRetry calls) =>
        [.. (await calls.Execute(RequireNotDeleted(Grain(grains)).GetPods)).Select(p => new Pod(p))];

    /// <summary>Most recent events with their actors, at most 200, newest first.</summary>
    public async Task<IReadOnlyList<Event>?> Events(IGrainFactory grains, GrainRetry calls) =>
        [.. (await calls.Execute(RequireNotDeleted(Grain(grains)).GetEvents)).Select(e => new Event(e))];

    /// <summary>Firing alerts, the longest firing first; empty if no alert fires.</summary>
    public async Task<IReadOnlyList<Alert>?> Alerts(AlertsByDeploymentDataLoader alerts, CancellationToken ct) =>
        [.. (await RequireNotDeleted(alerts).LoadAsync(summary.Name, ct))?.ToView().Alerts.Select(a => new Alert(a)) ?? []];

    /// <summary>
    /// API keys of the deployment, newest first, including expired and revoked keys until they are purged (3 days later by default).
    /// Secrets are never returned.
    /// </summary>
    public async Task<IReadOnlyList<Key>?> Keys(KeysByDeploymentDataLoader keys, CancellationToken ct) =>
        [.. (await RequireNotDeleted(keys).LoadAsync(summary.Name, ct) ?? []).Select(k => new Key(k))];

    /// <summary>Secrets that sign the deployment's callbacks, oldest first, at most 2. The secret value itself is never returned.</summary>
    public async Task<IReadOnlyList<WebhookSecret>?> WebhookSecrets(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).WebhookSecrets.Select(s => new WebhookSecret(s, Name))];

    /// <summary>Example requests from the image of the current revision; empty if the image provides no examples.</summary>
    public async Task<IReadOnlyList<Example>?> ExampleRequests(IImageCatalog images, CancellationToken ct) =>
        [.. (await RequireNotDeleted(images).Find(summary.Image, ct))?.Examples.Select(e => new Example(e)) ?? []];

    /// <summary>Asynchronous calls of the deployment, newest first.</summary>
    /// <param name="calls">Catalog that lists the asynchronous calls.</param>
    /// <param name="first">Page size when paging forward, 1 to 200, default 50.</param>
    /// <param name="after">Cursor after which the page starts; null starts at the first item.</param>
    /// <param name="last">Page size when paging backward, 1 to 200, default 50.</param>
    /// <param name="before">Cursor before which the page ends; null ends at the last item.</param>
    /// <param name="filter">Filter for the calls; null lists all calls.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<AsyncCallConnection?> AsyncCalls(
        IAsyncCallStore calls,
        int? first,
        string? after,
        int? last,
        string? before,
        AsyncCallFilterInput? filter,
        CancellationToken ct
    )
    {
        var request = Paging.CreateRequest(first, after, last, before);
        var page = await Paging.Load(() => RequireNotDeleted(calls).List(summary.Name, AsyncCallFilterInput.ToFilter(filter), request, ct));
        return new(Paging.CreateEdges(page, call => new AsyncCall(call, summary.Name)), Paging.CreatePageInfo(page));
    }

    /// <summary>Most recent log lines, oldest first.</summary>
    /// <param name="grains">Factory that resolves grains.</param>
    /// <param name="calls">Policy that retries grain calls.</param>
    /// <param name="query">Filter for the lines; null returns the last 1,000 lines.</param>
    public async Task<IReadOnlyList<Line>?> Logs(IGrainFactory grains, GrainRetry calls, LogQueryInput? query) =>
        [
            .. (await calls.Execute(() => RequireNotDeleted(grains).GetGrain<ILogGrain>(Name).Read(LogQueryInput.ToQuery(query)))).Select(
                l => new Line(l)
            ),
        ];

    /// <summary>Most recent log lines as plain text for copying or saving: time in UTC, pod and line, without ANSI colors.</summary>
    /// <param name="grains">Factory that resolves grains.</param>
    /// <param name="calls">Policy that retries grain calls.</param>
    /// <param name="query">Filter for the lines; null returns the last 1,000 lines.</param>
    public async Task<string?> LogText(IGrainFactory grains, GrainRetry calls, LogQueryInput? query) =>
        Contracts.Logs.LogText.Format(
            await calls.Execute(() => RequireNotDeleted(grains).GetGrain<ILogGrain>(Name).Read(LogQueryInput.ToQuery(query)))
        );

    /// <summary>
    /// Metrics of requests, latencies, queues and pods over a time range. Data is kept for 3 days by default, also for a deleted
    /// deployment. Null with the error <c>INVALID_INPUT</c> if the range or step is not allowed.
    /// </summary>
    /// <param name="grains">Factory that resolves grains.</param>
    /// <param name="calls">Policy that retries grain calls.</param>
    /// <param name="time">Clock that provides the default end of the range.</param>
    /// <param name="from">Start of the range, rounded down to the minute; null means one hour before <c>to</c>. Times before the retention
    /// period or before the deployment's creation are omitted.</param>
    /// <param name="to">End of the range, exclusive; null means now.</param>
    /// <param name="step">Duration of one point in whole minutes, 1 minute to 1 day. Null selects the shortest step that yields at most 360
    /// points. A query may return at most 4,320 points.</param>
    public async Task<MonitoringResult?> Monitoring(
        IGrainFactory grains,
        GrainRetry calls,
        TimeProvider time,
        DateTimeOffset? from,
        DateTimeOffset? to,
        TimeSpan? step
    ) => await MonitoringReader.Read(grains.GetGrain<IMonitorGrain>(Name), calls, (from, to, step), CreatedAt, time.GetUtcNow());

    /// <summary>Description of the deployment in GitHub Flavored Markdown.</summary>
    public async Task<Readmes.Readme> Readme(IGrainFactory grains, GrainRetry calls) =>
        new(await calls.Execute(grains.GetGrain<IReadmeGrain>(Name).Get));

    private IDeploymentGrain Grain(IGrainFactory grains) => grains.GetGrain<IDeploymentGrain>(Name);

    private async Task<DeploymentView> View(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        RequireNotDeleted(
            view
                ?? await deployments.LoadAsync(summary.Name, ct)
                ?? throw new ApiException(ErrorCodes.NotFound, $"Deployment '{Name}' no longer exists.")
        );

    private T RequireNotDeleted<T>(T section) =>
        DeletedAt is { } at
            ? throw new ApiException(
                ErrorCodes.DeploymentDeleted,
                $"Deployment '{Name}' was deleted at {at:u}; only its monitoring and readme remain."
            )
            : section;
}
