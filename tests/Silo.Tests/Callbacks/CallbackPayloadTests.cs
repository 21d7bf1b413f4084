using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Callbacks;
using DeployCard.Client.Http;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Silo.Tests.Callbacks;

public sealed class CallbackPayloadTests
{
    private static readonly Uri Hook = new("https://hooks.example/");

    [Fact]
    public async Task Payload_of_a_completed_call_matches_its_endpoint_and_includes_the_result()
    {
        var payload = await Payload(Calls.Completed(Hook));

        ((string)payload["type"]!).ShouldBe("call.completed");
        ((DateTimeOffset)payload["timestamp"]!).ShouldBe(Calls.Begin.AddSeconds(1));
        var data = payload["data"]!.AsObject();
        ((string)data["resultUrl"]!).ShouldBe($"https://models.example/calls/{Calls.Id}/result.json");
        data["result"]!["body"]!.ToJsonString().ShouldBe("""{"predictions":[1]}""");
        ((int)data["result"]!["status"]!).ShouldBe(200);
        data.Remove("resultUrl");
        data.Remove("result");
        var expected = JsonSerializer.SerializeToNode(
            CallResponse.From(Calls.Completed(Hook).Call with { Callback = null }, null),
            CallJson.Default.CallResponse
        )!;
        data.ToJsonString().ShouldBe(expected.ToJsonString());
        data.ContainsKey("callback").ShouldBeFalse();
    }

    [Fact]
    public async Task Payload_of_a_failed_call_has_its_error_and_no_result()
    {
        var payload = await Payload(Calls.Failed(Hook));

        ((string)payload["type"]!).ShouldBe("call.failed");
        ((string)payload["data"]!["errorCode"]!).ShouldBe("HEALTH_TIMEOUT");
        payload["data"]!.AsObject().ContainsKey("resultUrl").ShouldBeFalse();
        payload["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();
    }

    [Theory]
    [InlineData(16 * 1024, true)]
    [InlineData((16 * 1024) + 1, false)]
    public async Task Result_is_included_only_up_to_16_KiB(int length, bool isIncluded)
    {
        var data = (await Payload(Calls.Completed(Hook, body: new(length, new byte[length]))))["data"]!.AsObject();

        data.ContainsKey("result").ShouldBe(isIncluded);
        data.ContainsKey("resultUrl").ShouldBeTrue();
    }

    [Fact]
    public async Task Result_stored_outside_the_state_is_not_included() =>
        (await Payload(Calls.Completed(Hook, body: new(100_000, null))))["data"]!.AsObject().ContainsKey("result").ShouldBeFalse();

    [Fact]
    public async Task Result_without_a_body_is_included() =>
        (await Payload(Calls.Completed(Hook, json: null)))["data"]!["result"].ShouldNotBeNull();

    [Fact]
    public async Task Most_deeply_nested_result_is_included()
    {
        var deep = new string('[', 63) + new string(']', 63);

        var bytes = await Bytes(Calls.Completed(Hook, deep));

        System.Text.Encoding.UTF8.GetString(bytes).ShouldContain(deep);
    }

    [Fact]
    public async Task Payload_is_the_same_for_every_delivery()
    {
        var first = Calls.Completed(Hook);
        var later = first with
        {
            Call = first.Call with
            {
                Callback = first.Call.Callback! with
                {
                    NextDeliveryAt = Calls.Begin.AddHours(1),
                    Deliveries = [new(1, Calls.Begin, default, 500, "x", null, false)],
                },
            },
        };

        (await Bytes(later)).ShouldBe(await Bytes(first));
    }

    private static async Task<JsonNode> Payload(CallbackMessage message) => JsonNode.Parse(await Bytes(message))!;

    private static Task<byte[]> Bytes(CallbackMessage message) =>
        CallbackPayload.Create(message, new("https://models.example"), TestContext.Current.CancellationToken);
}
