using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Readmes;
using DeployCard.Grains.Results;
using DeployCard.Grains.Runtimes;
using DeployCard.GraphQL.AsyncCalls;
using DeployCard.GraphQL.Images;
using DeployCard.GraphQL.Keys;
using DeployCard.GraphQL.Logs;
using DeployCard.GraphQL.Monitoring;
using DeployCard.GraphQL.Nodes;
using DeployCard.GraphQL.Webhooks;
using Microsoft.Extensions.Options;

namespace DeployCard.GraphQL.Deployments;

/// <summary>
/// One served model: its card. A deleted one keeps its name, title, dates, status, readme and monitoring until it is gone;
/// all other fields are null then, each with the error <c>DEPLOYMENT_DELETED</c>. Of one that is not deleted they are never null,
/// but for those that say when they are.
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

    /// <summary>Unique among all things; opaque.</summary>
    [ID]
    public string Id => GlobalId.Of(IdType, Name);

    /// <summary>Its unique name, as it stands in the URL: a DNS label of at most 63 characters.</summary>
    public string Name => summary.Name.Value;

    /// <summary>What people call it.</summary>
    public string Title => summary.Title;

    /// <summary>What it can do for a caller now.</summary>
    public DeploymentStatus Status => summary.Status;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => summary.CreatedAt;

    /// <summary>When a person last changed it.</summary>
    public DateTimeOffset UpdatedAt => summary.UpdatedAt;

    /// <summary>When it was deleted; null while it is not.</summary>
    public DateTimeOffset? DeletedAt => summary.DeletedAt;

    /// <summary>The image of the present revision.</summary>
    public string? Image() => Present(summary.Image);

    /// <summary>Where programs reach the model: any path behind it goes to the model.</summary>
    public Uri? Url(IOptions<CardOptions> options) => Present(new Uri(options.Value.PublicUrl, $"/predict/{Name}"));

    /// <summary>Its dashboard in Grafana; null where the installation names no Grafana.</summary>
    public Uri? GrafanaUrl(IOptions<CardOptions> options) => options.Value.DashboardOf(Name);

    /// <summary>Who created it.</summary>
    public async Task<string?> CreatedBy(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        (await View(deployments, ct)).CreatedBy;

    /// <summary>When a deleted one is gone for good and its name is free; null while it is not deleted.</summary>
    public async Task<DateTimeOffset?> PurgeAt(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        DeletedAt is null ? null : (view ?? await deployments.LoadAsync(summary.Name, ct))?.PurgeAt;

    /// <summary>Why its pods do not become ready, with the last lines of the log; null when they do.</summary>
    public async Task<Failure?> Failure(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        Deployments.Failure.Of((await View(deployments, ct)).Failure);

    /// <summary>The configuration of the present revision.</summary>
    public async Task<Configuration?> Configuration(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        new((await View(deployments, ct)).Current.Configuration);

    /// <summary>The present revision.</summary>
    public async Task<Revision?> Revision(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        new((await View(deployments, ct)).Current);

    /// <summary>The latest revisions, newest first.</summary>
    public async Task<IReadOnlyList<Revision>?> Revisions(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).Revisions.Select(r => new Revision(r))];

    /// <summary>How many pods are wanted now.</summary>
    public async Task<int?> DesiredPods(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        (await View(deployments, ct)).DesiredPods;

    /// <summary>How many pods are wanted now, and why.</summary>
    public async Task<Scaling?> Scaling(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        Deployments.Scaling.Of(await View(deployments, ct));

    /// <summary>The pods that are there now.</summary>
    public async Task<IReadOnlyList<Pod>?> Pods(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).Pods.Select(p => new Pod(p))];

    /// <summary>The last 200 pods: those that are there, then those that have ended, newest first.</summary>
    public async Task<IReadOnlyList<Pod>?> PodHistory(IGrainFactory grains, RepeatableCalls calls) =>
        [.. (await calls.Make(Present(Grain(grains)).Pods)).Select(p => new Pod(p))];

    /// <summary>What happened and who did it: the last 200 events, newest first.</summary>
    public async Task<IReadOnlyList<Event>?> Events(IGrainFactory grains, RepeatableCalls calls) =>
        [.. (await calls.Make(Present(Grain(grains)).Events)).Select(e => new Event(e))];

    /// <summary>The alerts that fire, those that fire longest first.</summary>
    public async Task<IReadOnlyList<Alert>?> Alerts(AlertsByDeploymentDataLoader alerts, CancellationToken ct) =>
        [.. (await Present(alerts).LoadAsync(summary.Name, ct))?.ToView().Alerts.Select(a => new Alert(a)) ?? []];

    /// <summary>The keys that open it, newest first; expired and revoked ones for a while too. No secret is among this.</summary>
    public async Task<IReadOnlyList<Key>?> Keys(KeysByDeploymentDataLoader keys, CancellationToken ct) =>
        [.. (await Present(keys).LoadAsync(summary.Name, ct) ?? []).Select(k => new Key(k))];

    /// <summary>The secrets that its callbacks are signed with, oldest first, at most two. No text of one is among this.</summary>
    public async Task<IReadOnlyList<WebhookSecret>?> WebhookSecrets(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        [.. (await View(deployments, ct)).WebhookSecrets.Select(s => new WebhookSecret(s, Name))];

    /// <summary>Requests to try it with, from its image.</summary>
    public async Task<IReadOnlyList<Example>?> ExampleRequests(IImageCatalog images, CancellationToken ct) =>
        [.. (await Present(images).Find(summary.Image, ct))?.Examples.Select(e => new Example(e)) ?? []];

    /// <summary>Its asynchronous calls, newest first.</summary>
    /// <param name="calls">Where they are found.</param>
    /// <param name="first">How many behind the cursor <c>after</c>, 1 to 200, default 50.</param>
    /// <param name="after">A cursor: the page begins behind it.</param>
    /// <param name="last">How many in front of the cursor <c>before</c>, 1 to 200.</param>
    /// <param name="before">A cursor: the page ends before it.</param>
    /// <param name="filter">Which ones; all of them where nothing is said.</param>
    /// <param name="ct">The operation's.</param>
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
        var request = Paging.Request(first, after, last, before);
        var page = await Paging.Load(() => Present(calls).List(summary.Name, AsyncCallFilterInput.ToFilter(filter), request, ct));
        return new(Paging.Edges(page, call => new AsyncCall(call, summary.Name)), Paging.Info(page));
    }

    /// <summary>The latest lines of its log, oldest first.</summary>
    /// <param name="grains">The cluster.</param>
    /// <param name="calls">How it is asked.</param>
    /// <param name="query">Which lines; the last 1,000 where nothing is said.</param>
    public async Task<IReadOnlyList<Line>?> Logs(IGrainFactory grains, RepeatableCalls calls, LogQueryInput? query) =>
        [
            .. (await calls.Make(() => Present(grains).GetGrain<ILogGrain>(Name).Read(LogQueryInput.ToQuery(query)))).Select(l => new Line(
                l
            )),
        ];

    /// <summary>The same lines as text to copy or to save, without colours: time, pod and line.</summary>
    /// <param name="grains">The cluster.</param>
    /// <param name="calls">How it is asked.</param>
    /// <param name="query">Which lines; the last 1,000 where nothing is said.</param>
    public async Task<string?> LogText(IGrainFactory grains, RepeatableCalls calls, LogQueryInput? query) =>
        Grains.Logs.LogText.Of(await calls.Make(() => Present(grains).GetGrain<ILogGrain>(Name).Read(LogQueryInput.ToQuery(query))));

    /// <summary>What was seen of it: requests, latencies, queues, pods. It is kept for three days, a deleted deployment's too. Null, with the error <c>INVALID</c>, only where a range or step is not allowed.</summary>
    /// <param name="grains">The cluster.</param>
    /// <param name="calls">How it is asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="from">The first minute is the one that holds this time; an hour before <c>to</c> where nothing is said. What is older than is kept, or than the deployment, is left out.</param>
    /// <param name="to">Up to this time; now where nothing is said.</param>
    /// <param name="step">How long a point is: whole minutes, 1 minute to 1 day. Where nothing is said, a minute or as many as it takes for at most 360 points. A query has at most 4,320.</param>
    public async Task<Seen?> Monitoring(
        IGrainFactory grains,
        RepeatableCalls calls,
        TimeProvider time,
        DateTimeOffset? from,
        DateTimeOffset? to,
        TimeSpan? step
    ) => await MonitoringReader.Read(grains.GetGrain<IMonitorGrain>(Name), calls, (from, to, step), CreatedAt, time.GetUtcNow());

    /// <summary>Its description in GitHub Flavored Markdown.</summary>
    public async Task<Readmes.Readme> Readme(IGrainFactory grains, RepeatableCalls calls) =>
        new(await calls.Make(grains.GetGrain<IReadmeGrain>(Name).Get));

    private IDeploymentGrain Grain(IGrainFactory grains) => grains.GetGrain<IDeploymentGrain>(Name);

    private async Task<DeploymentView> View(DeploymentByNameDataLoader deployments, CancellationToken ct) =>
        Present(
            view
                ?? await deployments.LoadAsync(summary.Name, ct)
                ?? throw new ApiException(ErrorCodes.NotFound, $"Deployment '{Name}' is gone.")
        );

    private T Present<T>(T section) =>
        DeletedAt is { } at
            ? throw new ApiException(
                ErrorCodes.DeploymentDeleted,
                $"Deployment '{Name}' was deleted at {at:u}: only its monitoring and readme are left."
            )
            : section;
}

/// <summary>A page of deployments.</summary>
public sealed record DeploymentConnection : Connection<Deployment>
{
    private readonly Grains.Deployments.DeploymentFilter filter;

    internal DeploymentConnection(IReadOnlyList<Edge<Deployment>> edges, PageInfo pageInfo, Grains.Deployments.DeploymentFilter filter)
        : base(edges, pageInfo) => this.filter = filter;

    /// <summary>How many fit the filter. They are counted only where this is asked for: with a hundred thousand that takes longer than the page.</summary>
    /// <param name="deployments">Where they stand.</param>
    /// <param name="ct">The operation's.</param>
    public Task<int> TotalCount(IDeploymentStore deployments, CancellationToken ct) => deployments.Count(filter, ct);
}
