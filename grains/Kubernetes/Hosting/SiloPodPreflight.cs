using System.Net;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Options;
using Orleans.Hosting.Kubernetes;

namespace DeployCard.Kubernetes.Hosting;

/// <summary>
/// Reads the silo's own pod before the silo joins the cluster and fails the start if that is not allowed. Orleans reads the pod later, but
/// it retries forever and without a delay if access is denied. An unavailable API server is left to Orleans, which waits for it.
/// </summary>
internal sealed class SiloPodPreflight(KubernetesConnection connection, IOptions<KubernetesOptions> options, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly string? Name = Environment.GetEnvironmentVariable(KubernetesHostingOptions.PodNameEnvironmentVariable);
    private static readonly string? Namespace = Environment.GetEnvironmentVariable(
        KubernetesHostingOptions.PodNamespaceEnvironmentVariable
    );

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloPodPreflight), ServiceLifecycleStage.RuntimeInitialize, Check);

    private async Task Check(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await connection.Client.CoreV1.ReadNamespacedPodAsync(Name, Namespace, cancellationToken: linked.Token);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new KubernetesAccessException(
                $"Kubernetes denied this silo access to its own pod {Name} in namespace {Namespace} ({(int)e.Response.StatusCode}): "
                    + "bind the role in k8s/base/silo/access.yaml to its service account",
                e
            );
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            throw new KubernetesAccessException(
                $"Pod {Name} does not exist in namespace {Namespace}: POD_NAME and POD_NAMESPACE must name the silo's own pod",
                e
            );
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && e is HttpOperationException or HttpRequestException or OperationCanceledException
            )
        {
            // The API server is unavailable or overloaded.
        }
    }
}

/// <summary>Missing access to Kubernetes that prevents the start of a silo.</summary>
/// <param name="message">The cause and the remedy, in one line for the administrator.</param>
/// <param name="inner">The error of the API server.</param>
public sealed class KubernetesAccessException(string message, Exception inner) : Exception(message, inner);
