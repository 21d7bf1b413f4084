using System.Net;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Options;
using Orleans.Hosting.Kubernetes;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// Looks for the silo's own pod before the silo joins the others. Orleans does so later, and where that is forbidden asks again without a pause and for
/// ever. An API server that does not answer is left to it.
/// </summary>
internal sealed class OwnPodCheck(KubernetesConnection connection, IOptions<KubernetesOptions> options, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly string? Name = Environment.GetEnvironmentVariable(KubernetesHostingOptions.PodNameEnvironmentVariable);
    private static readonly string? Namespace = Environment.GetEnvironmentVariable(
        KubernetesHostingOptions.PodNamespaceEnvironmentVariable
    );

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(OwnPodCheck), ServiceLifecycleStage.RuntimeInitialize, Look);

    private async Task Look(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.Value.RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await connection.Client.CoreV1.ReadNamespacedPodAsync(Name, Namespace, cancellationToken: either.Token);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new KubernetesAccessException(
                $"Kubernetes does not let this silo read its own pod {Name} in the namespace {Namespace} ({(int)e.Response.StatusCode}): bind the role of k8s/base/silo/access.yaml to its service account there",
                e
            );
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound)
        {
            throw new KubernetesAccessException(
                $"There is no pod {Name} in the namespace {Namespace}: POD_NAME and POD_NAMESPACE must be those of the silo's own pod",
                e
            );
        }
        catch (Exception e)
            when (!cancellationToken.IsCancellationRequested
                && e is HttpOperationException or HttpRequestException or OperationCanceledException
            )
        {
            // It is away, or busy.
        }
    }
}

/// <summary>Kubernetes does not let the silo do what it has to, in one line for the person who installed it.</summary>
public sealed class KubernetesAccessException(string message, Exception inner) : Exception(message, inner);
