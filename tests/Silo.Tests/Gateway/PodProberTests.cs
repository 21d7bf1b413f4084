using System.Net;
using System.Net.Sockets;
using DeployCard.Silo.Gateway;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodProberTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_pod_that_cannot_be_reached_is_out_until_it_listens_again()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var port = TestPorts.Free();
        var gate = new DeploymentGate(Routes.Iris, Routes.Traffic, _ => { }, TimeProvider.System);
        gate.Take(Routes.Of(1) with { Pods = [Routes.Pod("a") with { Address = new($"http://127.0.0.1:{port}") }] });
        var pod = gate.Current!.Pods[0];
        using var prober = new PodProber(TimeProvider.System, NullLogger<PodProber>.Instance);
        await prober.StartAsync(cancellation);

        prober.Watch(gate, pod);
        var request = gate.Enter(Bound, isAsync: false, cancellation).AsTask();
        pod.IsOut.ShouldBeTrue();
        request.IsCompleted.ShouldBeFalse();

        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        (await request.WaitAsync(Bound, TimeProvider.System, cancellation)).Pod.ShouldBeSameAs(pod);
        pod.IsOut.ShouldBeFalse();
        await prober.StopAsync(cancellation);
    }
}
