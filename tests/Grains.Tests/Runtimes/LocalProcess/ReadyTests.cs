using System.Net;
using System.Net.Sockets;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class ReadyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pod_is_ready_at_its_address_once_its_server_responds()
    {
        await using var host = new LocalProcessHost().Server("web");
        var pod = await host.Start(LocalProcessHost.Pod("web"));

        var ready = await host.UntilReady(pod);

        ready.Address.ShouldNotBeNull().Host.ShouldBe("127.0.0.1");
        ready.ReadyAt.ShouldNotBeNull();
        ready.Restarts.ShouldBe(0);
        using var client = new HttpClient();
        (await client.GetAsync(new Uri(ready.Address!, "healthz"), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Pod_is_not_ready_while_it_responds_with_503()
    {
        await using var host = new LocalProcessHost().Server("web", notReady: 3);
        var pod = await host.Start(LocalProcessHost.Pod("web"));

        await host.UntilReady(pod);

        await host.Stop(pod);
        (await host.Log(pod)).ShouldContain(line => line.Stream == LogStream.System && line.Text.StartsWith("Starting on port"));
    }

    [Fact]
    public async Task Pod_whose_port_another_process_took_restarts_immediately_on_another_port()
    {
        // On its first start the script does not listen: it writes its port to a file and blocks, so that the test can take the port.
        await using var host = new LocalProcessHost().Server(
            "web",
            before: """
            if [ ! -e port ]; then
              echo $PORT >port
              mkfifo never
              cat never
            fi
            """
        );
        var pod = await host.Start(LocalProcessHost.Pod("web"));
        await Processes.ReadIds(host.PathOf("web", "port"), 1);
        var port = int.Parse((await File.ReadAllTextAsync(host.PathOf("web", "port"), Token)).Trim());
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();
        _ = RespondWith200(other);

        var ready = await host.UntilReady(pod);

        ready.Address!.Port.ShouldNotBe(port);
        ready.Restarts.ShouldBe(1);
        await host.Stop(pod);
        (await host.Log(pod)).ShouldContain(line => line.Text.Contains($"Another process took port {port}"));
    }

    private static async Task RespondWith200(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync(Token);
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Token);
    }
}
