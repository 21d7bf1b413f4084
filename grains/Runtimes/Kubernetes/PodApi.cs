using System.Globalization;
using System.Net;
using System.Text.Json;
using DeployCard.Grains.Pods;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What is asked of the API server about pods, all of it in the installation's namespace.</summary>
internal sealed class PodApi(KubernetesConnection connection, IOptions<KubernetesOptions> options, TimeProvider time)
{
    private const int PageSize = 500;

    // A quota that many pods count against at once is in conflict with itself for a moment.
    private const int MostTries = 5;

    // A server that has just started denies what it allows a moment later: it has not read its roles yet.
    private static readonly TimeSpan RolesDelay = TimeSpan.FromSeconds(15);

    private readonly Lock sync = new();
    private (DateTimeOffset First, DateTimeOffset Last)? denials;

    private string Selector => PodLabels.Selector(options.Value.Installation);

    /// <summary>All pods that are ours, and the version of that list.</summary>
    public async Task<(IReadOnlyList<V1Pod> Pods, string Version)> List(CancellationToken cancellationToken)
    {
        var pods = new List<V1Pod>();
        string? next = null;
        while (true)
        {
            var page = await connection.Client.CoreV1.ListNamespacedPodAsync(
                connection.Namespace,
                labelSelector: Selector,
                limit: PageSize,
                continueParameter: next,
                cancellationToken: cancellationToken
            );
            pods.AddRange(page.Items.Where(IsOurs));
            next = page.Metadata.ContinueProperty;
            if (string.IsNullOrEmpty(next))
                return (pods, page.Metadata.ResourceVersion);
        }
    }

    /// <summary>What changes after a version, bookmarks too, for up to <paramref name="limit"/>.</summary>
    /// <exception cref="KubernetesException">The server broke off with a status; with code 410 the version is too old.</exception>
    public async IAsyncEnumerable<(WatchEventType Type, V1Pod Pod)> Watch(
        string version,
        TimeSpan limit,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Exception? broken = null;
        var events = connection.Client.CoreV1.WatchListNamespacedPodAsync(
            connection.Namespace,
            labelSelector: Selector,
            resourceVersion: version,
            allowWatchBookmarks: true,
            timeoutSeconds: (int)Math.Ceiling(limit.TotalSeconds),
            onError: error => broken ??= error,
            cancellationToken: cancellationToken
        );
        await foreach (var (type, pod) in events)
        {
            // What could not be read comes before this in time: it must not be passed over.
            if (broken is not null)
                throw broken;
            yield return (type, pod);
        }

        if (broken is not null)
            throw broken;
    }

    /// <inheritdoc cref="KubernetesConnection.Owner"/>
    public Task<V1OwnerReference?> Owner(CancellationToken cancellationToken) => connection.Owner(cancellationToken);

    public bool IsOurs(V1Pod pod) => PodLabels.IsOurs(pod, options.Value.Installation);

    /// <summary>One pod, whosever it is; null where there is none of that name.</summary>
    public async Task<V1Pod?> Read(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.Client.CoreV1.ReadNamespacedPodAsync(name, connection.Namespace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Makes a pod; one that is there like this already stays as it is.</summary>
    /// <exception cref="PodRefusedException">The server does not take it.</exception>
    /// <exception cref="HttpOperationException">It does not take it now: it has too much to do, or has only just started.</exception>
    public async Task Apply(V1Pod pod, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                // Not by force: what another one's manager holds is not ours, though it has our name.
                await connection.Client.CoreV1.PatchNamespacedPodAsync(
                    new V1Patch(pod, V1Patch.PatchType.ApplyPatch),
                    pod.Metadata.Name,
                    connection.Namespace,
                    fieldManager: PodLabels.FieldManager,
                    force: false,
                    cancellationToken: cancellationToken
                );
                return;
            }
            catch (HttpOperationException e) when (IsMomentary(e) && tries < MostTries)
            {
                // The server's own advice is to try again at once.
            }
            catch (HttpOperationException e) when (!MayPass(e) && Refusal(e) is { } refusal)
            {
                throw new PodRefusedException(refusal.Reason, $"Kubernetes does not take it: {refusal.Message}");
            }
        }
    }

    /// <summary>Asks a pod to end, if it is still the one that was seen. A grace of 0 s removes the object whether or not its container has ended.</summary>
    public async Task Delete(V1Pod pod, TimeSpan grace, CancellationToken cancellationToken)
    {
        try
        {
            await connection.Client.CoreV1.DeleteNamespacedPodAsync(
                pod.Metadata.Name,
                connection.Namespace,
                new V1DeleteOptions
                {
                    GracePeriodSeconds = (long)Math.Ceiling(grace.TotalSeconds),
                    Preconditions = new() { Uid = pod.Metadata.Uid },
                },
                cancellationToken: cancellationToken
            );
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // It is gone, and what has its name now is another one.
        }
    }

    /// <summary>
    /// What a pod's container wrote, each line with its time before it. Not by the client's own method, which cannot ask for a time to begin at.
    /// </summary>
    /// <returns>The stream; null where there is nothing to read: no such pod, no such run, or none yet.</returns>
    public async Task<Stream?> OpenLog(string pod, DateTimeOffset? since, bool follow, bool previous, CancellationToken cancellationToken)
    {
        // The server knows whole seconds only.
        var from = since is { } at
            ? $"&sinceTime={Uri.EscapeDataString(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))}"
            : "";
        var client = connection.Client;
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(
                client.BaseUri,
                $"api/v1/namespaces/{connection.Namespace}/pods/{pod}/log?container={PodManifest.Container}&timestamps=true&follow={Text(follow)}&previous={Text(previous)}{from}"
            )
        );
        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        // Who follows waits for the first line, for as long as that takes: before it there is no head of an answer either.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!follow)
            late.CancelAfter(options.Value.RequestTimeout);
        var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, late.Token);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        using (response)
        {
            return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest
                ? null
                : throw new HttpRequestException(
                    $"The log of pod {pod} cannot be read: {(int)response.StatusCode}.",
                    null,
                    response.StatusCode
                );
        }
    }

    /// <summary>Whether it is a denial of access that may be over in a moment; one that lasts is a refusal.</summary>
    private bool MayPass(HttpOperationException e)
    {
        if (
            e.Response.StatusCode is not HttpStatusCode.Forbidden
            || !Message(e).Contains(" cannot patch resource ", StringComparison.Ordinal)
        )
            return false;
        lock (sync)
        {
            var now = time.GetUtcNow();
            // Of a denial long ago it is not known that it lasted until now.
            denials = (denials is { } before && now - before.Last < RolesDelay * 2 ? before.First : now, now);
            return now - denials.Value.First < RolesDelay;
        }
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static bool IsMomentary(HttpOperationException e) =>
        e.Response.StatusCode is HttpStatusCode.Conflict
        && Message(e).StartsWith("Operation cannot be fulfilled", StringComparison.Ordinal);

    /// <summary>What makes no difference to try again at once; null for what may pass, as a server that is too busy.</summary>
    private static (string Reason, string Message)? Refusal(HttpOperationException e) =>
        e.Response.StatusCode switch
        {
            HttpStatusCode.Forbidden when Message(e) is var text && text.Contains(" quota", StringComparison.Ordinal) => (
                PodReasons.QuotaExceeded,
                text
            ),
            HttpStatusCode.Forbidden
            or HttpStatusCode.BadRequest
            or HttpStatusCode.UnprocessableEntity
            or HttpStatusCode.Conflict
            or HttpStatusCode.NotFound => (PodReasons.Refused, Message(e)),
            // What an admission webhook breaks is an inner error to the server, though it answers everything else.
            HttpStatusCode.InternalServerError when Message(e) is var text && text.Contains("webhook", StringComparison.Ordinal) => (
                PodReasons.Refused,
                text
            ),
            _ => null,
        };

    private static string Message(HttpOperationException e)
    {
        try
        {
            return KubernetesJson.Deserialize<V1Status>(e.Response.Content).Message ?? e.Message;
        }
        catch (JsonException)
        {
            return e.Message;
        }
    }
}
