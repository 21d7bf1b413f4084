using System.Globalization;
using System.Net;
using System.Text.Json;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Requests to the API server about pods, all in the namespace of the installation.</summary>
internal sealed class PodApi(KubernetesConnection connection, IOptions<KubernetesOptions> options, TimeProvider time)
{
    private const int PageSize = 500;

    // Concurrent pod creations can conflict briefly when they update the same quota.
    private const int MaxTries = 5;

    // An API server that has just started has not loaded the roles yet and denies every request for a short time.
    private static readonly TimeSpan RolesDelay = TimeSpan.FromSeconds(15);

    private readonly Lock sync = new();
    private (DateTimeOffset First, DateTimeOffset Last)? denials;

    private string Selector => PodLabels.CreateSelector(options.Value.Installation);

    /// <summary>Returns all pods of this installation, with the resource version of the list.</summary>
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
            pods.AddRange(page.Items.Where(IsManaged));
            next = page.Metadata.ContinueProperty;
            if (string.IsNullOrEmpty(next))
                return (pods, page.Metadata.ResourceVersion);
        }
    }

    /// <summary>Yields the changes after a resource version, including bookmarks.</summary>
    /// <param name="version">The resource version after which the watch begins.</param>
    /// <param name="limit">The maximum duration, after which the API server ends the watch.</param>
    /// <param name="cancellationToken">Token that cancels the watch.</param>
    /// <exception cref="KubernetesException">
    /// The API server aborted the watch; status code 410 means that the version is too old.
    /// </exception>
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
            // The unreadable event precedes this one and must not be skipped.
            if (broken is not null)
                throw broken;
            yield return (type, pod);
        }

        if (broken is not null)
            throw broken;
    }

    /// <inheritdoc cref="KubernetesConnection.GetPodOwner"/>
    public Task<V1OwnerReference?> GetPodOwner(CancellationToken cancellationToken) => connection.GetPodOwner(cancellationToken);

    /// <summary>Whether DeployCard created the pod for this installation.</summary>
    public bool IsManaged(V1Pod pod) => PodLabels.IsManaged(pod, options.Value.Installation);

    /// <summary>Returns a pod of any owner by its name; null if it does not exist.</summary>
    public async Task<V1Pod?> Find(string name, CancellationToken cancellationToken)
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

    /// <summary>Creates a pod; does nothing if it already exists with the same content.</summary>
    /// <exception cref="PodRejectedException">Kubernetes rejected the pod.</exception>
    /// <exception cref="HttpOperationException">
    /// The API server is overloaded, failed or has just started; a later try may succeed.
    /// </exception>
    public async Task Apply(V1Pod pod, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                // Without force: a pod of this name with another field manager belongs to another program.
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
            catch (HttpOperationException e) when (IsConflict(e) && tries < MaxTries)
            {
                // The message of the API server asks for an immediate retry.
            }
            catch (HttpOperationException e) when (!IsRbacWarmup(e) && GetRejection(e) is { } rejection)
            {
                throw new PodRejectedException(rejection.Reason, $"Kubernetes rejected the pod: {rejection.Message}");
            }
        }
    }

    /// <summary>Deletes a pod, unless another pod has its name by now.</summary>
    /// <param name="pod">The pod with the UID to delete.</param>
    /// <param name="grace">
    /// The time that the container has to end before it is killed. With zero, the object is removed without waiting for the container.
    /// </param>
    /// <param name="cancellationToken">Token that cancels the request.</param>
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
            // The pod was already removed; a pod that has its name now is a different pod.
        }
    }

    /// <summary>
    /// Opens the log of a pod's container, with a timestamp before each line. The method of the client library is not used because it has
    /// no parameter for the start time.
    /// </summary>
    /// <param name="pod">The name of the pod.</param>
    /// <param name="since">The time of the first line, truncated to whole seconds; null for all lines.</param>
    /// <param name="follow">Whether to wait for further lines until the container ends.</param>
    /// <param name="previous">Whether to read the previous run of the container instead of the current one.</param>
    /// <param name="cancellationToken">Token that cancels the request.</param>
    /// <returns>The log; null if there is nothing to read, because the pod or the run does not exist or has not started.</returns>
    public async Task<Stream?> OpenLog(string pod, DateTimeOffset? since, bool follow, bool previous, CancellationToken cancellationToken)
    {
        // The API server accepts whole seconds only.
        var from = since is { } at
            ? $"&sinceTime={Uri.EscapeDataString(at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))}"
            : "";
        var client = connection.Client;
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(
                client.BaseUri,
                $"api/v1/namespaces/{connection.Namespace}/pods/{pod}/log?container={PodManifest.ContainerName}&timestamps=true"
                    + $"&follow={Text(follow)}&previous={Text(previous)}{from}"
            )
        );
        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        // A followed log sends no response headers before its first line, which may take any time.
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!follow)
            timeout.CancelAfter(options.Value.RequestTimeout);
        var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        using (response)
        {
            return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest
                ? null
                : throw new HttpRequestException(
                    $"Reading the log of pod {pod} failed with status {(int)response.StatusCode}.",
                    null,
                    response.StatusCode
                );
        }
    }

    /// <summary>Whether access was denied for so short a time that the API server may still be loading its roles.</summary>
    private bool IsRbacWarmup(HttpOperationException e)
    {
        if (
            e.Response.StatusCode is not HttpStatusCode.Forbidden
            || !Message(e).Contains(" cannot patch resource ", StringComparison.Ordinal)
        )
            return false;
        lock (sync)
        {
            var now = time.GetUtcNow();
            // After a long gap it is unknown whether access was denied throughout, so the period starts again.
            denials = (denials is { } before && now - before.Last < RolesDelay * 2 ? before.First : now, now);
            return now - denials.Value.First < RolesDelay;
        }
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static bool IsConflict(HttpOperationException e) =>
        e.Response.StatusCode is HttpStatusCode.Conflict
        && Message(e).StartsWith("Operation cannot be fulfilled", StringComparison.Ordinal);

    /// <summary>
    /// Returns the reason of a rejection that an immediate retry would not change; null for a transient failure such as overload.
    /// </summary>
    private static (string Reason, string Message)? GetRejection(HttpOperationException e) =>
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
            or HttpStatusCode.NotFound => (PodReasons.Rejected, Message(e)),
            // A failing admission webhook is reported as an internal error, although the API server works.
            HttpStatusCode.InternalServerError when Message(e) is var text && text.Contains("webhook", StringComparison.Ordinal) => (
                PodReasons.Rejected,
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
