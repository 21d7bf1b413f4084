using System.Net;
using DeployCard.GraphQL.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.GraphQL.Tests.Transport;

public sealed class EventStreamTests
{
    private const string Events = "text/event-stream";

    [Fact]
    public async Task Subscription_sends_next_events_and_a_complete_event()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Post("subscription { booksAdded(count: 3) { id } }", Events);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        response.Content.Headers.ContentType!.MediaType.ShouldBe(Events);
        text.ShouldBe(
            "event: next\ndata: {\"data\":{\"booksAdded\":{\"id\":\"b0\"}}}\n\n"
                + "event: next\ndata: {\"data\":{\"booksAdded\":{\"id\":\"b1\"}}}\n\n"
                + "event: next\ndata: {\"data\":{\"booksAdded\":{\"id\":\"b2\"}}}\n\n"
                + "event: complete\ndata: \n\n"
        );
    }

    [Fact]
    public async Task Query_sends_one_next_event_and_a_complete_event()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Get("{ me }", Events);

        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe(
            "event: next\ndata: {\"data\":{\"me\":\"ada\"}}\n\nevent: complete\ndata: \n\n"
        );
    }

    [Fact]
    public async Task Invalid_document_sends_an_event_with_errors()
    {
        await using var server = await TestServer.Start();

        using var response = await server.Post("{ nope }", Events);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("GRAPHQL_VALIDATION_FAILED");
    }

    [Fact]
    public async Task Events_arrive_immediately_and_the_source_ends_when_the_client_disconnects()
    {
        await using var server = await TestServer.Start();
        using (var response = await server.Post("subscription { tail(id: \"x\") }", Events))
        {
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("event: next");
            server.Streams.Open.ShouldBe(1);
        }

        await Eventually.True(() => server.Streams.Open == 0, "the source has ended", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Idle_stream_sends_keep_alive_comments()
    {
        await using var server = await TestServer.Start(fakeTime: true);
        using var response = await server.Post("subscription { tail(id: \"x\") }", Events);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (var line = 0; line < 3; line++)
            await lines.ReadLineAsync(TestContext.Current.CancellationToken);

        server.Time.Advance(TimeSpan.FromSeconds(15));

        (await lines.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe(":");
    }

    [Fact]
    public async Task Source_pauses_when_the_client_stops_reading()
    {
        await using var server = await TestServer.Start();
        using (await server.Post("subscription { flood }", Events))
        {
            await Eventually.Stable(() => server.Streams.Produced, "no further item is requested", TestContext.Current.CancellationToken);
            server.Streams.Produced.ShouldBeLessThan(2_000);
        }

        await Eventually.True(() => server.Streams.Open == 0, "the source has ended", TestContext.Current.CancellationToken);
    }
}
