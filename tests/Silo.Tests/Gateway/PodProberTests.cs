using System.Net;
using System.Net.Sockets;
using DeployCard.Gateway;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodProberTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Unreachable_pod_is_ejected_until_it_listens_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var port = TestPorts.FindFree();
        var gate = new DeploymentGate(Routes.Iris, Routes.Traffic, _ => { }, TimeProvider.System);
        gate.Apply(Routes.Create(1) with { Pods = [Routes.Pod("a") with { Address = new($"http://127.0.0.1:{port}") }] });
        var pod = gate.Current!.Pods[0];
        using var prober = new PodProber(TimeProvider.System, NullLogger<PodProber>.Instance);
        await prober.StartAsync(cancellation);

        prober.Eject(gate, pod);
        var request = gate.Acquire(Bound, isAsync: false, cancellation).AsTask();
        pod.IsEjected.ShouldBeTrue();
        request.IsCompleted.ShouldBeFalse();

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        (await request.WaitAsync(Bound, TimeProvider.System, cancellation)).Pod.ShouldBeSameAs(pod);
        pod.IsEjected.ShouldBeFalse();
        await prober.StopAsync(cancellation);
    }
}
