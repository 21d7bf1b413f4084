using System.Net;
using System.Net.Sockets;
using DeployCard.Grains.Runtimes;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

public sealed class ReadyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_whose_server_answers_is_ready_at_its_address()
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
    public async Task A_pod_is_not_ready_while_it_answers_503()
    {
        await using var host = new LocalProcessHost().Server("web", notReady: 3);
        var pod = await host.Start(LocalProcessHost.Pod("web"));

        await host.UntilReady(pod);

        await host.Stop(pod);
        (await host.Log(pod)).ShouldContain(line => line.Stream == LogStream.System && line.Text.StartsWith("Starting on port"));
    }

    [Fact]
    public async Task A_pod_whose_port_was_taken_by_another_process_starts_again_at_once_on_another_port()
    {
        // The script frees no port: on its first start it lets a stranger, in a session of its own, take the port and waits for it.
        await using var host = new LocalProcessHost().Server(
            "web",
            before: """
            if [ ! -e port ]; then
              echo $PORT >port
              mkfifo gone
              cat gone
            fi
            """
        );
        var pod = await host.Start(LocalProcessHost.Pod("web"));
        await Processes.Read(host.PathOf("web", "port"), 1);
        var port = int.Parse((await File.ReadAllTextAsync(host.PathOf("web", "port"), Token)).Trim());
        using var stranger = new TcpListener(IPAddress.Loopback, port);
        stranger.Start();
        _ = Answer200(stranger);

        var ready = await host.UntilReady(pod);

        ready.Address!.Port.ShouldNotBe(port);
        ready.Restarts.ShouldBe(1);
        await host.Stop(pod);
        (await host.Log(pod)).ShouldContain(line => line.Text.Contains($"Another process has taken its port {port}"));
    }

    private static async Task Answer200(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync(Token);
        await connection.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), Token);
    }
}
