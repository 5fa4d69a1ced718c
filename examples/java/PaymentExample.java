// java PaymentExample.java
// Java 17 or newer. MOCK_URL names the mock server, MOCK_TOKEN the token of its admin API if it has one.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import java.util.regex.Pattern;

public class PaymentExample {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final String ORIGIN = System.getenv().getOrDefault("MOCK_URL", "http://127.0.0.1:8080");
    static final String DATABASE = "java-" + UUID.randomUUID();
    static final String WORLD = ORIGIN + "/__admin/worlds/" + DATABASE;
    static final String API = ORIGIN + "/" + DATABASE + "/limepkg-billecta-integration";
    static final String PHONE = "46701740605";

    public static void main(String[] arguments) throws IOException, InterruptedException {
        control("PUT", "", "");
        try {
            aDeclinedPaymentIsSeenAlthoughTheFirstRequestFailed();
            System.out.println("passed");
        } finally {
            control("DELETE", "", "");
        }
    }

    static void aDeclinedPaymentIsSeenAlthoughTheFirstRequestFailed() throws IOException, InterruptedException {
        control("PUT", "/clock", """
            {"mode": "frozen"}""");
        control("POST", "/faults", """
            {"match": {"operation": "createSwishPayment"}, "times": 1,
             "then": {"fault": {"type": "STATUS", "status": 503}}}""");
        control("POST", "/rules", """
            {"match": {"phone": "%s"},
             "then": {"life": {"steps": [{"status": "Declined", "code": "RF07", "after_seconds": 30}]}}}""".formatted(PHONE));

        String requestid = askForPayment("action123", 2);
        check("Created", statusOf(requestid));

        String moved = control("POST", "/clock/advance", """
            {"seconds": 30}""");
        check(requestid, member(moved, "requestid"));
        check("Declined", statusOf(requestid));

        control("POST", "/requests/verify", """
            {"sequence": [
              {"request": {"operation": "createSwishPayment", "status": 503}, "exactly": 1},
              {"request": {"operation": "createSwishPayment", "phone": "%s", "status": 201}, "exactly": 1},
              {"request": {"operation": "getSwishPayment", "requeststatus": "Declined"}, "at_least": 1}
            ]}""".formatted(PHONE));
    }

    // The code under test: creates a payment, and once more if the gateway was not there.
    static String askForPayment(String action, int attempts) throws IOException, InterruptedException {
        HttpResponse<String> answer = call("POST", "/payments/swish/" + action + "?phone=" + PHONE + "&message=Hej");
        if (answer.statusCode() == 503 && attempts > 1) {
            return askForPayment(action, attempts - 1);
        }
        check("201", String.valueOf(answer.statusCode()));
        return member(answer.body(), "requestid");
    }

    static String statusOf(String requestid) throws IOException, InterruptedException {
        return member(call("GET", "/payments/swish/" + requestid).body(), "requeststatus");
    }

    static HttpResponse<String> call(String method, String path) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(API + path)).header("x-api-key", "ABC123");
        return send(request.method(method, HttpRequest.BodyPublishers.noBody()));
    }

    static String control(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(WORLD + path));
        String token = System.getenv("MOCK_TOKEN");
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> answer = send(request.method(method, HttpRequest.BodyPublishers.ofString(body)));
        if (answer.statusCode() >= 300) {
            throw new AssertionError(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    // Enough to read one text from these documents; a project of yours has a JSON library.
    static String member(String document, String name) {
        return Pattern.compile("\"" + name + "\": ?\"([^\"]*)\"").matcher(document).results().findFirst()
            .orElseThrow(() -> new AssertionError("no '" + name + "' in " + document)).group(1);
    }

    static void check(String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected " + expected + ", got " + actual);
        }
    }
}
