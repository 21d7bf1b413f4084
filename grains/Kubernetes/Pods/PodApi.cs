using System.Net;
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
            catch (HttpOperationException e) when (ApiError.IsConflict(e) && tries < MaxTries)
            {
                // The message of the API server asks for an immediate retry.
            }
            catch (HttpOperationException e) when (!IsRbacWarmup(e) && ApiError.GetRejection(e) is { } rejection)
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

    /// <summary>Whether access was denied for so short a time that the API server may still be loading its roles.</summary>
    private bool IsRbacWarmup(HttpOperationException e)
    {
        if (
            e.Response.StatusCode is not HttpStatusCode.Forbidden
            || !ApiError.GetMessage(e).Contains(" cannot patch resource ", StringComparison.Ordinal)
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
}
