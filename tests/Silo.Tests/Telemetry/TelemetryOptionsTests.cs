using DeployCard.Silo.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace DeployCard.Silo.Tests.Telemetry;

public sealed class TelemetryOptionsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("http://127.0.0.1:9464")]
    [InlineData("http://0.0.0.0:9464")]
    [InlineData("http://[::1]:9464")]
    public void Separate_metrics_address_or_none_is_accepted(string? url) => Metrics(url).ShouldBeNull();

    [Theory]
    [InlineData("9464")]
    [InlineData("https://127.0.0.1:9464")]
    [InlineData("http://127.0.0.1:9464/metrics")]
    [InlineData("http://unix:/tmp/metrics.sock")]
    public void Other_metrics_address_is_rejected_with_its_value(string url) =>
        Metrics(url).ShouldNotBeNull().ShouldStartWith($"Metrics:Url is '{url}', but must be ");

    [Theory]
    [InlineData("http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:8082")]
    public void Metrics_port_that_clients_use_is_rejected(string url) =>
        Metrics(url).ShouldNotBeNull().ShouldContain("choose a separate port");

    [Theory]
    [InlineData("http://collector:4317", null)]
    [InlineData("https://collector.example.org/otlp", "Authorization=Bearer abc,X-Tenant=models")]
    public void Collector_with_and_without_headers_is_accepted(string endpoint, string? headers) => Otlp(endpoint, headers).ShouldBeNull();

    [Theory]
    [InlineData("collector:4317", null, "Otlp:Endpoint")]
    [InlineData("/v1/traces", null, "Otlp:Endpoint")]
    [InlineData("http://user:secret@collector:4317", null, "Otlp:Endpoint")]
    [InlineData("http://collector:4317", "secret", "Otlp:Headers")]
    [InlineData("http://collector:4317", "Author ization=secret", "Otlp:Headers")]
    [InlineData("http://collector:4317", "Authorization=secret,", "Otlp:Headers")]
    public void Invalid_setting_is_named_and_its_secret_is_not_shown(string endpoint, string? headers, string setting)
    {
        var failure = Otlp(endpoint, headers).ShouldNotBeNull();

        failure.ShouldStartWith(setting);
        failure.ShouldNotContain("secret");
    }

    [Fact]
    public void Invalid_settings_are_not_used_before_validation()
    {
        OtlpOptions.From(Settings(("Otlp:Endpoint", "http://collector:4317"))).Endpoint.ShouldNotBeNull();
        OtlpOptions.From(Settings(("Otlp:Endpoint", "http://collector:4317"), ("Otlp:Timeout", "00:00:00"))).Endpoint.ShouldBeNull();
        OtlpOptions.From(Settings(("Otlp:Endpoint", "ftp://collector"))).Endpoint.ShouldBeNull();
    }

    [Fact]
    public void Http_protocol_appends_the_path_of_each_signal_to_the_endpoint()
    {
        var (http, grpc) = (new OtlpExporterOptions(), new OtlpExporterOptions());

        new OtlpOptions { Endpoint = new("http://collector:4318/otlp/"), Protocol = OtlpExportProtocol.HttpProtobuf }.Apply(http, "logs");
        new OtlpOptions { Endpoint = new("http://collector:4317") }.Apply(grpc, "logs");

        http.Endpoint.AbsoluteUri.ShouldBe("http://collector:4318/otlp/v1/logs");
        grpc.Endpoint.AbsoluteUri.ShouldBe("http://collector:4317/");
    }

    private static string? Metrics(string? url) =>
        new MetricsOptionsValidator(Settings(("urls", "http://localhost:8080"), ("Gateway:Http2Url", "http://localhost:8082")))
            .Validate(null, new() { Url = url })
            .FailureMessage;

    private static string? Otlp(string endpoint, string? headers) =>
        new OtlpOptionsValidator()
            .Validate(null, new() { Endpoint = new(endpoint, UriKind.RelativeOrAbsolute), Headers = headers })
            .FailureMessage;

    private static IConfiguration Settings(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Build();
}
