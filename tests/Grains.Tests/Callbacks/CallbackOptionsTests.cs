using DeployCard.Contracts.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackOptionsTests
{
    [Fact]
    public void Defaults_and_valid_lists_pass_validation()
    {
        Errors(new()).ShouldBeEmpty();
        Errors(CallbackAddressPolicyTests.CreateOptions(["10.0.0.0/8", "::1/128", "127.0.0.1/32"], ["localhost", "hooks.internal"]))
            .ShouldBeEmpty();
    }

    [Fact]
    public void All_invalid_entries_are_reported_together_with_the_allowed_format()
    {
        var errors = Errors(
            CallbackAddressPolicyTests.CreateOptions(
                ["10.0.0.1/8", "10.0.0.0", "10/8", "10.0.0.0/33", "::ffff:10.0.0.0/104", "everywhere"],
                ["10.0.0.1", "a b", ""]
            )
        );

        errors.Count.ShouldBe(9);
        errors.Where(e => e.Contains("AllowedNetworks has")).ShouldAllBe(e => e.Contains("10.1.0.0/16"));
        errors.ShouldContain(e => e.Contains("AllowedHosts has '10.0.0.1'"));
    }

    private static List<string> Errors(CallbackOptions options) =>
        [.. new CallbackOptionsValidator().Validate(null, options).Failures ?? []];
}
